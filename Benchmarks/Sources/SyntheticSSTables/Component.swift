/// The files of an SSTable of format big, by what stands behind `nb-7-big-`.
package enum Component: String, CaseIterable, Sendable {
    case data = "Data.db"
    case compressionInfo = "CompressionInfo.db"
    case index = "Index.db"
    case filter = "Filter.db"
    case summary = "Summary.db"
    case statistics = "Statistics.db"
    case digest = "Digest.crc32"
    case tableOfContents = "TOC.txt"
}
