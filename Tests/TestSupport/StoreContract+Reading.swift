internal import ObjectStorage
internal import Testing
internal import TransferEngine

extension StoreContract {
    static let wholeObjects: [StoreContract] = [
        StoreContract("an object is got as it was put, and its size is known") { store in
            let bytes = Content.random(100_000)
            let key = try ObjectKey("blobs/ab/abcd.zst")
            #expect(try await store.put(bytes, key) == .stored)
            #expect(areSame(try await store.bytes(key), bytes))
            #expect(try await store.head(key)?.size == 100_000)
            #expect(try await store.head(key)?.key == key)
        },
        StoreContract("a checksum that is told of an object is that of its bytes") { store in
            let bytes = Content.random(70_000)
            let key = try ObjectKey("summed")
            _ = try await store.put(bytes, key)
            var sum = CRC32C()
            sum.update(bytes.span)
            for info in [
                try await store.head(key), try await store.list(prefix: "", from: nil, limit: 9).objects.first,
            ] {
                #expect([nil, sum.value].contains(try #require(info).crc32c))
            }
        },
        StoreContract("an empty object is an object") { store in
            let key = try ObjectKey("empty")
            #expect(try await store.put([], key) == .stored)
            #expect(try await store.bytes(key) == [])
            #expect(try await store.head(key)?.size == 0)
            #expect(try await store.keys() == ["empty"])
        },
        StoreContract("an object of 16 MiB is whole") { store in
            let bytes = Content.random(16 << 20)
            let key = try ObjectKey("large")
            #expect(try await store.put(bytes, key) == .stored)
            #expect(areSame(try await store.bytes(key), bytes))
        },
        StoreContract("a right digest given with the body changes nothing") { store in
            let bytes = Content.random(5000)
            let key = try ObjectKey("digested")
            let body = BufferLease(holding: bytes)
            let digest = SHA256.digest(of: body.bytes)
            #expect(try await store.put(body, at: key, .always, digest: digest) == .stored)
            #expect(areSame(try await store.bytes(key), bytes))
        },
        StoreContract("what is got goes behind what the buffer holds") { store in
            let key = try ObjectKey("a")
            _ = try await store.put([4, 5, 6], key)
            var buffer = BufferLease(holding: [1, 2, 3], spare: 3)
            let info = try await store.get(key, range: nil, into: &buffer)
            #expect(info.size == 3)
            let bytes = buffer.array
            #expect(bytes == [1, 2, 3, 4, 5, 6])
        },
        StoreContract("what is missing is not found, by head nil") { store in
            let key = try ObjectKey("missing")
            #expect(try await store.head(key) == nil)
            await expectError(.notFound) { _ = try await store.bytes(key) }
            await expectError(.notFound) { _ = try await store.bytes(key, 0..<10) }
            _ = try await store.put([1], try ObjectKey("missing-not"))
            #expect(try await store.head(key) == nil)
        },
        StoreContract("a deleted object is gone, and deleting it again is fine") { store in
            let key = try ObjectKey("a/b")
            try await store.delete(key)
            _ = try await store.put([1, 2], key)
            try await store.delete(key)
            #expect(try await store.head(key) == nil)
            #expect(try await store.keys() == [])
            try await store.delete(key)
            #expect(try await store.put([3], key, .onlyIfAbsent) == .stored)
            #expect(try await store.bytes(key) == [3])
        },
        StoreContract("a buffer too small for an object is an error that leaves it as it was") { store in
            let key = try ObjectKey("a")
            _ = try await store.put(Content.random(1000), key)
            var buffer = BufferLease(holding: [9], spare: 999)
            await expectError(.badRange) { _ = try await store.get(key, range: nil, into: &buffer) }
            buffer.truncate(to: min(buffer.count, 1))
            let kept = buffer.array
            #expect(kept == [9])
            _ = try await store.get(key, range: 0..<999, into: &buffer)
            let filled = buffer.count
            #expect(filled == 1000)
        },
    ]
}

extension StoreContract {
    static let ranges: [StoreContract] = [
        StoreContract("a range gives those bytes and the whole size") { store in
            let bytes = Content.random(1000)
            let key = try ObjectKey("a")
            _ = try await store.put(bytes, key)
            for range in [0..<1, 0..<1000, 1..<999, 999..<1000, 500..<500] as [Range<Int64>] {
                var buffer = BufferLease(unpooledCapacity: range.count)
                let info = try await store.get(key, range: range, into: &buffer)
                #expect(info.size == 1000)
                let got = buffer.array
                #expect(got == Array(bytes[Int(range.lowerBound)..<Int(range.upperBound)]), "\(range)")
            }
        },
        StoreContract("what lies beyond the end of an object is left out of a range") { store in
            let bytes = Content.random(1000)
            let key = try ObjectKey("a")
            _ = try await store.put(bytes, key)
            #expect(try await store.bytes(key, 990..<2000) == Array(bytes[990...]))
            #expect(try await store.bytes(key, 0..<5_000_000_000, capacity: 1000) == bytes)
            #expect(try await store.bytes(key, 1000..<1010) == [])
        },
        StoreContract("a range that starts beyond the end is an error") { store in
            let key = try ObjectKey("a")
            _ = try await store.put([1, 2, 3], key)
            await expectError(.badRange) { _ = try await store.bytes(key, 4..<10) }
            _ = try await store.put([], key)
            #expect(try await store.bytes(key, 0..<10) == [])
            await expectError(.badRange) { _ = try await store.bytes(key, 1..<10) }
        },
    ]
}
