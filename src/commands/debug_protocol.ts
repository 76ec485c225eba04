// DEBUG PROTOCOL: a reply of every kind there is, for tests of clients.
import { RESP3_ONLY, UNKNOWN_PROTOCOL_TYPE } from '../resp/errors.ts';
import type { Reply } from '../resp/reply.ts';
import type { Tool } from './debug_tool.ts';

const AFTER_ATTRIBUTE = 'Some real reply following the attribute';
const AFTER_PUSH = 'Some real reply following the push reply';

function replyThree(reply: Reply): void {
  for (let i = 0; i < 3; i++) reply.integer(i);
}

const REPLIES: Readonly<Record<string, (reply: Reply) => void>> = {
  string: (reply) => reply.bulkText('Hello World'),
  integer: (reply) => reply.integer(12345),
  double: (reply) => reply.doubleText('3.141'),
  bignum: (reply) => reply.bigNumber('1234567999999999999999999999999999999'),
  null: (reply) => reply.null(),
  array: (reply) => {
    reply.array(3);
    replyThree(reply);
  },
  set: (reply) => {
    reply.set(3);
    replyThree(reply);
  },
  map: (reply) => {
    reply.map(3);
    for (let i = 0; i < 3; i++) {
      reply.integer(i);
      reply.boolean(i === 1);
    }
  },
  attrib: (reply) => {
    if (reply.resp3) {
      reply.attribute(1);
      reply.bulkText('key-popularity');
      reply.array(2);
      reply.bulkText('key:123');
      reply.integer(90);
    }
    reply.bulkText(AFTER_ATTRIBUTE);
  },
  push: (reply) => {
    if (!reply.resp3) {
      reply.error(RESP3_ONLY);
      return;
    }
    reply.push(2);
    reply.bulkText('server-cpu-usage');
    reply.integer(42);
    reply.bulkText(AFTER_PUSH);
  },
  verbatim: (reply) => reply.verbatim('txt', 'This is a verbatim\nstring'),
  true: (reply) => reply.boolean(true),
  false: (reply) => reply.boolean(false),
};

export const PROTOCOL_TOOL: Tool = {
  name: 'protocol',
  words: [1, 1],
  help: [
    'PROTOCOL <type>',
    '    A reply of this type: string, integer, double, bignum, null, array, set, map,',
    '    attrib, push, verbatim, true or false.',
  ],
  run: ({ args, reply }) => {
    const type = args.text(2).toLowerCase();
    if (Object.hasOwn(REPLIES, type)) REPLIES[type]!(reply);
    else reply.error(UNKNOWN_PROTOCOL_TYPE);
  },
};
