"""Trees, proofs and tiles against RFC 6962's own definitions, transparency-dev's vectors and a log that Tessera wrote."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlmon.core import merkle
from controlmon.core.merkle import EMPTY_ROOT, Frontier, ProofError, leaf_hash, node_hash, root

VECTORS = Path(__file__).parents[3] / "shared" / "vectors"

# The leaves and roots of the Certificate Transparency test tree: sizes 0 to 8.
CT_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [leaf_hash(bytes.fromhex(leaf)) for leaf in CT_LEAVES]
MANY = [leaf_hash(str(i).encode()) for i in range(600)]


def mth(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word; `leaves` are hashes already."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    k = largest_power_of_two_below(len(leaves))
    return node_hash(mth(leaves[:k]), mth(leaves[k:]))


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962, section 2.1.1, word for word."""
    if len(leaves) == 1:
        return []
    k = largest_power_of_two_below(len(leaves))
    return [*path(m, leaves[:k]), mth(leaves[k:])] if m < k else [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], *, whole: bool) -> list[bytes]:
    """RFC 6962, section 2.1.2, word for word."""
    n = len(leaves)
    if m == n:
        return [] if whole else [mth(leaves)]
    k = largest_power_of_two_below(n)
    if m <= k:
        return [*subproof(m, leaves[:k], whole=whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], whole=False), mth(leaves[:k])]


def largest_power_of_two_below(n: int) -> int:
    k = 1
    while 2 * k < n:
        k *= 2
    return k


@st.composite
def spans(draw: st.DrawFn) -> tuple[range, int]:
    """A subtree of a tree, and the size of the tree."""
    size = draw(st.integers(1, 80))
    start = draw(st.integers(0, size - 1))
    widest = start & -start or 128
    return range(start, draw(st.integers(start + 1, min(size, start + widest)))), size


def flip(data: bytes, bit: int) -> bytes:
    return (int.from_bytes(data, "big") ^ (1 << bit)).to_bytes(32, "big")


@pytest.mark.parametrize("size", range(9))
def test_the_trees_of_certificate_transparency_have_their_published_roots(size: int) -> None:
    """The root over the first leaves of the Certificate Transparency test tree is the published one, at once or leaf by leaf."""
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier.append(leaf)
    assert (root(LEAVES[:size]).hex(), frontier.root().hex()) == (CT_ROOTS[size], CT_ROOTS[size])


@given(st.integers(0, 200))
def test_a_root_is_the_one_of_the_definition(size: int) -> None:
    """The quick root is that of RFC 6962's recursive definition."""
    assert root(MANY[:size]) == mth(MANY[:size])


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_frontier_that_was_stored_continues_the_same_tree(size: int, more: int) -> None:
    """A frontier rebuilt from its size and hashes grows into the tree of all leaves."""
    first = Frontier()
    for leaf in MANY[:size]:
        first.append(leaf)
    second = Frontier(first.size, first.hashes)
    for leaf in MANY[size : size + more]:
        second.append(leaf)
    assert (second.size, second.root()) == (size + more, mth(MANY[: size + more]))
    assert (first.size, first.root()) == (size, mth(MANY[:size]))


@pytest.mark.parametrize(("size", "hashes"), [(3, [EMPTY_ROOT]), (0, [EMPTY_ROOT]), (-1, [EMPTY_ROOT]), (1, [b"short"])])
def test_a_frontier_that_cannot_exist_is_refused(size: int, hashes: list[bytes]) -> None:
    """Stored hashes that do not belong to the stored size are refused instead of continued."""
    with pytest.raises(ProofError):
        Frontier(size, hashes)


def test_a_leaf_is_a_hash() -> None:
    """Data appended in place of its hash is refused, and the tree stays as it was."""
    frontier = Frontier()
    with pytest.raises(ProofError, match="3 bytes"):
        frontier.append(b"raw")
    assert (frontier.size, frontier.root()) == (0, EMPTY_ROOT)


@given(st.integers(1, 80), st.data())
def test_proofs_are_those_of_the_definition(size: int, data: st.DataObject) -> None:
    """Inclusion and consistency proofs are, hash for hash, PATH and SUBPROOF of RFC 6962."""
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    assert merkle.inclusion_proof(MANY, index, size) == path(index, MANY[:size])
    assert merkle.consistency_proof(MANY, old, size) == subproof(old, MANY[:size], whole=True)


@given(spans())
def test_a_proof_from_stored_nodes_is_the_one_from_leaves(span: tuple[range, int]) -> None:
    """Proofs ask a node table only for complete subtrees of the tree, and come out as from the leaves."""
    subtree, size = span

    def node(level: int, index: int) -> bytes:
        assert (index + 1) << level <= size
        return mth(MANY[index << level : (index + 1) << level])

    assert merkle.subtree_consistency_proof(node, subtree, size) == merkle.subtree_consistency_proof(MANY, subtree, size)


@given(spans(), st.data())
def test_a_subtree_is_proved_and_any_flipped_bit_is_noticed(span: tuple[range, int], data: st.DataObject) -> None:
    """The proof of any subtree verifies; with one bit flipped in a hash of it or in a root, it does not."""
    subtree, size = span
    proof = merkle.subtree_consistency_proof(MANY, subtree, size)
    small, large = mth(MANY[subtree.start : subtree.stop]), mth(MANY[:size])
    merkle.verify_subtree_consistency(subtree, size, proof, small, large)

    hashes = [*proof, small, large]
    victim = data.draw(st.integers(0, len(hashes) - 1))
    hashes[victim] = flip(hashes[victim], data.draw(st.integers(0, 255)))
    with pytest.raises(ProofError):
        merkle.verify_subtree_consistency(subtree, size, hashes[:-2], hashes[-2], hashes[-1])


@given(st.integers(1, 80), st.data())
def test_a_leaf_is_proved_at_its_place_only(size: int, data: st.DataObject) -> None:
    """An inclusion proof verifies for its leaf and index; for a neighbour's leaf or index it does not."""
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_proof(MANY, index, size)
    merkle.verify_inclusion(MANY[index], index, size, proof, mth(MANY[:size]))
    other = data.draw(st.integers(0, size).filter(lambda i: i != index))
    for leaf, place in ((MANY[other], index), (MANY[index], other)):
        with pytest.raises(ProofError):
            merkle.verify_inclusion(leaf, place, size, proof, mth(MANY[:size]))


@given(spans(), st.data())
def test_a_leaf_is_proved_within_its_subtree(span: tuple[range, int], data: st.DataObject) -> None:
    """A leaf's proof within a subtree verifies under its index in the whole tree."""
    subtree, _ = span
    index = data.draw(st.sampled_from(subtree))
    leaves = MANY[subtree.start : subtree.stop]
    proof = path(index - subtree.start, leaves)
    merkle.verify_subtree_inclusion(MANY[index], index, subtree, proof, mth(leaves))
    with pytest.raises(ProofError):
        merkle.verify_subtree_inclusion(MANY[index], index, subtree, proof, flip(mth(leaves), 0))


@given(st.integers(2, 80), st.data())
def test_a_rewritten_log_is_not_consistent(size: int, data: st.DataObject) -> None:
    """If one old leaf was changed, the new tree's own honest proof does not lead to the old root."""
    old = data.draw(st.integers(1, size - 1))
    changed = data.draw(st.integers(0, old - 1))
    rewritten = [*MANY[:changed], leaf_hash(b"changed"), *MANY[changed + 1 : size]]
    proof = merkle.consistency_proof(rewritten, old, size)
    merkle.verify_consistency(old, size, proof, mth(rewritten[:old]), mth(rewritten))
    with pytest.raises(ProofError):
        merkle.verify_consistency(old, size, proof, mth(MANY[:old]), mth(rewritten))


def test_a_proof_says_nothing_of_an_empty_log() -> None:
    """A consistency proof from size 0 is refused, made and verified: every tree begins with nothing."""
    with pytest.raises(ProofError):
        merkle.consistency_proof(LEAVES, 0, 8)
    with pytest.raises(ProofError):
        merkle.verify_consistency(0, 8, [], EMPTY_ROOT, root(LEAVES))


def test_a_proof_needs_the_leaves_it_speaks_of() -> None:
    """Asked about more leaves than there are, no shorter tree is proved by mistake."""
    with pytest.raises(ProofError, match="leaf 8 is needed and only 8 are given"):
        merkle.inclusion_proof(LEAVES, 0, 9)


@pytest.mark.parametrize("subtree", [range(1, 3), range(2, 5), range(3, 5), range(2, 2), range(4, 3), range(-1, 0), range(9)])
def test_a_run_of_leaves_that_is_no_subtree_is_refused(subtree: range) -> None:
    """Runs that are empty, outside the tree or not aligned to their length have no proof."""
    with pytest.raises(ProofError):
        merkle.subtree_consistency_proof(LEAVES, subtree, 8)
    with pytest.raises(ProofError):
        merkle.verify_subtree_inclusion(LEAVES[2], 2, subtree, [], LEAVES[2])


def test_a_huge_size_is_refused_at_once() -> None:
    """A size that no log has is refused before any hash is read."""
    with pytest.raises(ProofError):
        merkle.verify_inclusion(LEAVES[0], 0, 2**64, [LEAVES[0]] * 64, LEAVES[0])


@pytest.mark.parametrize(("index", "length", "holds"), [(5, 3, True), (6, 3, False), (5, 2, False)])
def test_a_published_inclusion_proof_is_judged_as_published(index: int, length: int, holds: bool) -> None:
    """Of transparency-dev's inclusion/2, "happy path" holds, and "leafIdx + 1" and "removed component" do not."""
    leaf, tree_root, *proof = [
        base64.b64decode(item)
        for item in (
            "QnGia+DYqE8L1UyMMC58s6O10fpngKQLzOKHNHfatlg=",
            "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=",
            "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=",
            "yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=",
            "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
        )
    ]
    assert holds == proves(lambda: merkle.verify_inclusion(leaf, index, 8, proof[:length], tree_root))


@pytest.mark.parametrize(("start", "end", "size", "holds"), [(0, 6, 8, True), (0, 7, 8, False), (1, 15, 15, False)])
def test_a_published_consistency_proof_is_judged_as_published(start: int, end: int, size: int, holds: bool) -> None:
    """A proof from transparency-dev's consistency/2 and subtreeconsistency/2 holds from 6 to 8, and for no other leaves."""
    small, large, *proof = [
        base64.b64decode(item)
        for item in (
            "duZ9rbzfHhDht03cYIq9L5jfsW+851J3tSMqEn8gh+8=",
            "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=",
            "DrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o=",
            "yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=",
            "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
        )
    ]
    assert holds == proves(lambda: merkle.verify_subtree_consistency(range(start, end), size, proof, small, large))
    if start == 0:
        assert holds == proves(lambda: merkle.verify_consistency(end, size, proof, small, large))


def proves(verify: Callable[[], None]) -> bool:
    try:
        verify()
    except ProofError:
        return False
    return True


def judge(kind: str, case: dict[str, object]) -> bool:
    """Whether our verifier accepts a case of transparency-dev's vectors."""

    def hashed(name: str) -> bytes:
        return base64.b64decode(str(case[name]))

    def number(name: str) -> int:
        return int(str(case[name]))

    given = case["proof"] or []
    assert isinstance(given, list)
    proof = [base64.b64decode(item) for item in given]
    match kind:
        case "inclusion":
            return proves(lambda: merkle.verify_inclusion(hashed("leafHash"), number("leafIdx"), number("treeSize"), proof, hashed("root")))
        case "consistency":
            return proves(lambda: merkle.verify_consistency(number("size1"), number("size2"), proof, hashed("root1"), hashed("root2")))
    subtree = range(number("start"), number("end"))
    if kind == "subtreeinclusion":
        return proves(lambda: merkle.verify_subtree_inclusion(hashed("leafHash"), number("leafIdx"), subtree, proof, hashed("root")))
    return proves(lambda: merkle.verify_subtree_consistency(subtree, number("size"), proof, hashed("root1"), hashed("root2")))


@pytest.mark.skipif(not (VECTORS / "merkle").is_dir(), reason="no ../shared/vectors/merkle")
@pytest.mark.parametrize(
    ("kind", "count"), [("inclusion", 98), ("consistency", 98), ("subtreeinclusion", 204), ("subtreeconsistency", 118)]
)
def test_every_published_proof_is_judged_as_published(kind: str, count: int) -> None:
    """Each proof that transparency-dev wants accepted is accepted, and each other one refused."""
    cases = {file: json.loads(file.read_bytes()) for file in (VECTORS / "merkle" / kind).rglob("*.json")}
    assert len(cases) >= count
    assert [str(file) for file, case in cases.items() if judge(kind, case) == case["wantErr"]] == []


@pytest.mark.parametrize(
    ("level", "index", "width", "expected"),
    [
        (0, 1234067, 256, "tile/0/x001/x234/067"),
        (0, 0, 112, "tile/0/000.p/112"),
        (2, 999, 256, "tile/2/999"),
        (63, 1000, 1, "tile/63/x001/000.p/1"),
        ("entries", 12, 255, "tile/entries/012.p/255"),
    ],
)
def test_tiles_lie_where_the_specification_says(level: int, index: int, width: int, expected: str) -> None:
    """A tile's path is that of tlog-tiles, whose own example is 1234067."""
    assert merkle.tile_path(level, index, width) == expected


def test_a_tree_of_seventy_thousand_leaves_has_the_tiles_of_the_specification() -> None:
    """The example of tlog-tiles: 273 full tiles and one of 112 at level 0, one full and one of 17 at level 1, one of 1 at level 2."""
    leaves = [leaf_hash(b"")] * 70_000
    found = dict(merkle.tiles(leaves))
    partial = {path: len(data) // 32 for path, data in found.items() if ".p/" in path}
    assert partial == {"tile/0/273.p/112": 112, "tile/1/001.p/17": 17, "tile/2/000.p/1": 1}
    assert sum(path.startswith("tile/0/") for path in found) == 274
    assert {len(data) for path, data in found.items() if ".p/" not in path} == {8192}
    assert merkle.parse_tile(found["tile/2/000.p/1"]) == [root(leaves[:65_536])]


def test_an_empty_tree_has_no_tiles_and_a_full_one_a_level_above() -> None:
    """No leaves, no tiles; 256 leaves, one full tile and one of width 1 above it."""
    assert list(merkle.tiles([])) == []
    assert dict(merkle.tiles(MANY[:256])) == {"tile/0/000": b"".join(MANY[:256]), "tile/1/000.p/1": mth(MANY[:256])}


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_a_bundle_gives_its_entries_back(entries: list[bytes]) -> None:
    """Entries, empty ones too, come out of a bundle as they went in."""
    assert merkle.parse_entry_bundle(merkle.entry_bundle(entries)) == entries


def test_a_bundle_cut_anywhere_is_refused_or_misses_an_entry() -> None:
    """A bundle cut within an entry or a length is refused; cut between entries, it holds fewer."""
    whole = merkle.entry_bundle([b"one", b"two"])
    assert merkle.parse_entry_bundle(whole[:5]) == [b"one"]
    for cut in {*range(len(whole))} - {5}:
        with pytest.raises(ProofError):
            merkle.parse_entry_bundle(whole[:cut])


@pytest.mark.parametrize("entries", [[], [b""] * 257, [b"x" * 65_536]])
def test_what_no_bundle_can_hold_is_refused(entries: list[bytes]) -> None:
    """No entry, 257 entries and an entry of 65,536 bytes have no bundle."""
    with pytest.raises(ProofError):
        merkle.entry_bundle(entries)


@pytest.mark.parametrize("length", [0, 31, 33, 257 * 32])
def test_what_is_no_tile_is_refused(length: int) -> None:
    """A tile is 1 to 256 whole hashes."""
    with pytest.raises(ProofError):
        merkle.parse_tile(bytes(length))


@pytest.mark.skipif(not (VECTORS / "tessera").is_dir(), reason="no ../shared/vectors/tessera")
def test_a_log_that_tessera_wrote_is_reproduced_byte_for_byte() -> None:
    """From the entries of Tessera's test log come its bundles, its tiles and the root of each of its checkpoints."""
    log = VECTORS / "tessera" / "log"
    entries = merkle.parse_entry_bundle((log / "tile/entries/000.p/15").read_bytes())
    leaves = [leaf_hash(entry) for entry in entries]
    for size in range(1, 16):
        assert merkle.entry_bundle(entries[:size]) == (log / merkle.tile_path("entries", 0, size)).read_bytes()
        assert {name: (log / name).read_bytes() for name, _ in merkle.tiles(leaves[:size])} == dict(merkle.tiles(leaves[:size]))
    checkpoints = [file.read_text().split("\n")[1:3] for file in log.glob("checkpoint*")]
    assert {int(size) for size, _ in checkpoints} == set(range(16))
    assert all(root(leaves[: int(size)]) == base64.b64decode(expected) for size, expected in checkpoints)
