import Plots
import Testing

@Suite struct `A fit` {
    @Test func `finds the line that points lie on`() throws {
        let fit = try #require(Fit([(1, 5), (2, 7), (4, 11), (16, 35)]))
        #expect(abs(fit.fixed - 3) < 1e-9)
        #expect(abs(fit.perUnit - 2) < 1e-9)
        #expect(abs(fit.rSquared - 1) < 1e-9)
        #expect(abs(fit.value(at: 10) - 23) < 1e-9)
    }

    @Test(arguments: [0.5, 1, 1.5, 2])
    func `finds the power that costs grow with`(power: Double) throws {
        let fit = try #require(Fit([1, 4, 16, 64].map { (x: $0, y: 3 * Self.raised($0, power)) }))
        #expect(abs(try #require(fit.exponent) - power) < 1e-9)
        #expect(abs(try #require(fit.lastExponent) - power) < 1e-9)
        #expect(fit.isLinearOrBetter == (power <= 1))
    }

    /// Of powers of four, by halves of an exponent.
    private static func raised(_ x: Double, _ power: Double) -> Double {
        let root = x.squareRoot()
        return (0..<Int(power * 2)).reduce(1) { product, _ in product * root }
    }

    @Test func `a fixed cost does not hide what grows too fast`() throws {
        // Over all sizes the exponent is small, since the first ones cost little more than nothing does.
        let fit = try #require(Fit([1, 4, 16, 64].map { (x: $0, y: 100 + $0 * $0) }))
        #expect(try #require(fit.exponent) < 1)
        #expect(!fit.isLinearOrBetter)
        #expect(fit.text.hasSuffix("worse than linear"))
    }

    @Test func `noise of a few per cent is still linear`() throws {
        let fit = try #require(Fit([(1, 1.03), (4, 3.9), (16, 16.4)]))
        #expect(fit.isLinearOrBetter)
        #expect(fit.rSquared > 0.99)
        #expect(fit.text.hasSuffix("linear or better"))
    }

    @Test func `says nothing of points that say nothing`() {
        #expect(Fit([]) == nil)
        #expect(Fit([(1, 1), (2, 2)]) == nil)
        #expect(Fit([(3, 1), (3, 2), (3, 3)]) == nil)
        #expect(Fit([(1, .nan), (2, 2), (3, 3)]) == nil)
    }

    @Test func `does not call growth linear that it cannot tell`() throws {
        let fit = try #require(Fit([(0, 1), (1, 2), (2, 3)]))
        #expect(fit.exponent == nil)
        #expect(!fit.isLinearOrBetter)
        #expect(fit.text.hasSuffix("cannot be told"))
    }

    @Test func `equal costs are a line without noise`() throws {
        let fit = try #require(Fit([(1, 4), (2, 4), (3, 4)]))
        #expect(fit.rSquared == 1)
        #expect(fit.perUnit == 0)
        #expect(fit.isLinearOrBetter)
    }
}
