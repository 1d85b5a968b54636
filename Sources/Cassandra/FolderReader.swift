internal import SystemPackage
internal import TransferEngine

struct FolderReader {
    let base: FilePath
    let directoryIndex: Int
    let isLive: Bool
    func contents(_ warnings: inout Warnings) throws(CassandraError) -> FolderContents? { nil }
}
