// As much of a RESP3 client as the recording scripts need.
import { once } from 'node:events';
import { connect } from 'node:net';

/** Decodes one RESP3 value; maps become objects, sets and arrays arrays. Returns [value, next position]. */
function decode(bytes, at) {
  const end = bytes.indexOf('\r\n', at);
  if (end < 0) throw new RangeError('incomplete');
  const head = bytes.toString('latin1', at + 1, end);
  const next = end + 2;
  switch (String.fromCharCode(bytes[at])) {
    case '+':
      return [head, next];
    case ':':
      return [Number(head), next];
    case '_':
      return [null, next];
    case '$':
      if (bytes.length < next + Number(head) + 2) throw new RangeError('incomplete');
      return [bytes.toString('utf8', next, next + Number(head)), next + Number(head) + 2];
    case '*':
    case '~':
      return decodeMany(bytes, next, Number(head));
    case '%': {
      const [flat, after] = decodeMany(bytes, next, 2 * Number(head));
      return [Object.fromEntries(flat.flatMap((key, i) => (i % 2 ? [] : [[key, flat[i + 1]]]))), after];
    }
    case '-':
      return [{ error: head }, next];
    default:
      throw new Error(`unexpected reply: ${bytes.toString('latin1', at, end)}`);
  }
}

function decodeMany(bytes, at, count) {
  const values = [];
  for (let i = 0; i < count; i++) {
    const [value, next] = decode(bytes, at);
    values.push(value);
    at = next;
  }
  return [values, at];
}

/** Sends one inline command and returns its decoded reply. */
export async function ask(socket, line) {
  socket.write(`${line}\r\n`);
  let bytes = Buffer.alloc(0);
  for (;;) {
    const [chunk] = await once(socket, 'data');
    bytes = Buffer.concat([bytes, chunk]);
    try {
      return decode(bytes, 0)[0];
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
}

/** A connection to the reference server on this port, switched to RESP3. */
export async function open(port) {
  const socket = connect(port, '127.0.0.1');
  await ask(socket, 'HELLO 3');
  return socket;
}
