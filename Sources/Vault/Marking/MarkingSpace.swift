package import SystemPackage

/// Where and in how much memory millions of names are sorted.
package struct MarkingSpace: Sendable {
    /// Where what does not fit into memory is written, in files without names.
    package let directory: FilePath
    /// Bytes for names that are being sorted.
    package let memory: Int
    /// Manifests that are read at one time.
    package let width: Int

    package static let defaultMemory = 64 << 20

    package init(directory: FilePath, memory: Int = defaultMemory, width: Int = 8) {
        self.directory = directory
        self.memory = memory
        self.width = width
    }

    func sorter() -> NameSorter { NameSorter(directory: directory, memory: memory) }
}
