/// Sets of which no two members can share a bin: each needs one of its own.
enum Clique {
    /// Size of the set that is found by going through `members` in their order, taking all that
    /// exclude those taken before. Not always the largest.
    static func size<Member>(
        among members: some Sequence<Member>, _ exclude: (Member, Member) -> Bool
    )
        -> Int
    {
        var chosen: [Member] = []
        for member in members where chosen.allSatisfy({ exclude(member, $0) }) {
            chosen.append(member)
        }
        return chosen.count
    }
}
