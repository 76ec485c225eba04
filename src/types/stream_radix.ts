// How many nodes Redis's radix tree of a stream would have (XINFO STREAM shows that). Ours has other nodes (id_tree.ts).
//
// Keys are ids of 16 bytes. Where keys part there is a branching node, behind each key a leaf, and bytes that do not part
// anything make one node together. So it suffices to know, for each two neighbours, how many bytes they share: the places
// where keys part form a tree whose path to the key at hand is kept as a stack of depths.
import type { Ref } from '../arena/arena.ts';
import type { IdTree } from '../structs/id_tree.ts';
import { ID_WORDS, type Id, makeId } from '../structs/stream_id.ts';

const KEY_BYTES = ID_WORDS * 4;
/** Above the depth of any node. */
const TOP = -1;

/** Number of nodes for the ids of a tree. */
export function radixNodes(tree: IdTree, header: Ref): number {
  let here = makeId();
  let next = makeId();
  if (!tree.seekFirst(header)) return 1;
  const open: number[] = [];
  let nodes = 0;
  let before = TOP;
  tree.readId(here);
  for (let more = true; more; ) {
    more = tree.next();
    if (more) tree.readId(next);
    const shared = more ? sharedBytes(here, next) : TOP;
    nodes += nodesTo(KEY_BYTES, Math.max(before, shared));
    while (open.length > 0 && open.at(-1)! > shared) {
      const depth = open.pop()!;
      nodes += nodesTo(depth, Math.max(open.at(-1) ?? TOP, shared));
    }
    if (more && open.at(-1) !== shared) open.push(shared);
    before = shared;
    [here, next] = [next, here];
  }
  return nodes;
}

/** A node at `depth` below one at `parent`, and the node for the bytes between them if there are any. */
function nodesTo(depth: number, parent: number): number {
  return depth - parent > 1 ? 2 : 1;
}

function sharedBytes(a: Id, b: Id): number {
  for (let i = 0; i < ID_WORDS; i++) {
    if (a[i] !== b[i]) return i * 4 + (Math.clz32(a[i]! ^ b[i]!) >> 3);
  }
  return KEY_BYTES;
}
