internal import TransferEngine
internal import Vault

/// Small files that rest on bad packs: those of one pack become one pack again, in the order they had in it.
///
/// If the node still has all of them, that is the same content: a missing blob stands again under its own name, and with
/// it every older backup that names it.
struct RepairPacks {
    private var members: [BlobName: [(offset: Int, member: BackupWork.Pack.Member)]] = [:]

    mutating func append(_ member: BackupWork.Pack.Member, of piece: BlobReference) {
        members[piece.blob, default: []].append((piece.offset, member))
    }

    /// The packs, none larger than a chunk; empty after it.
    mutating func take(chunkSize: Int) -> [BackupWork.Pack] {
        defer { members = [:] }
        var packs: [BackupWork.Pack] = []
        for (_, members) in members.sorted(by: { $0.key < $1.key }) {
            var pack = BackupWork.Pack()
            for (_, member) in members.sorted(by: { $0.offset < $1.offset }) {
                // Several files can be the same stretch; what is read twice is stored once, but takes its room first.
                if pack.size + Int(member.status.size) > chunkSize {
                    packs.append(pack)
                    pack = BackupWork.Pack()
                }
                pack.append(member)
            }
            packs.append(pack)
        }
        return packs
    }
}
