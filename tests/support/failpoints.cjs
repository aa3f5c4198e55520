// Preload of a server (node -r): kills it with -9 in the middle of a step. The test arms it over IPC:
// { point: 'append.before', nth: 3 }. The product knows nothing of it: classes and modules are wrapped from outside.
const promises = require('node:fs/promises');
const { join } = require('node:path');

let armed = { point: '', nth: 0 };
process.on('message', (message) => {
  if (typeof message === 'object' && 'point' in message) armed = message;
});
process.on('disconnect', () => process.exit(1)); // the test is gone

function pass(point) {
  if (point === armed.point && --armed.nth <= 0) process.kill(process.pid, 'SIGKILL');
}

/** Two points around a method that returns a promise. `counts` says whether this call is one. */
function around(owner, method, point, counts = () => true) {
  const original = owner[method];
  owner[method] = async function (...args) {
    if (!counts.apply(this, args)) return original.apply(this, args);
    pass(`${point}.before`);
    const result = await original.apply(this, args);
    pass(`${point}.after`);
    return result;
  };
}

const isOutbox = (path) => String(path).endsWith('.outbox');

/** Half of the bytes reach the file: a torn write. */
function tear(handle) {
  const { write } = handle;
  handle.write = function (buffer, ...rest) {
    if (armed.point !== 'outbox.write.half' || armed.nth > 1) {
      pass('outbox.write.half');
      return write.call(handle, buffer, ...rest);
    }
    const half = buffer.subarray(0, Math.ceil(buffer.length / 2));
    return write.call(handle, half).then(() => pass('outbox.write.half'));
  };
}

const { open } = promises;
promises.open = async function (path, ...rest) {
  if (!isOutbox(path)) return open(path, ...rest);
  pass('outbox.open.before');
  const handle = await open(path, ...rest);
  tear(handle);
  around(handle, 'write', 'outbox.write');
  around(handle, 'datasync', 'outbox.datasync');
  pass('outbox.open.after');
  return handle;
};
around(promises, 'rename', 'outbox.rename', isOutbox);
around(promises, 'unlink', 'outbox.unlink', isOutbox);

const dist = join(__dirname, '..', '..', 'dist');
const { RedisRoomLog } = require(join(dist, 'server', 'roomlog', 'redis.js'));
around(RedisRoomLog.prototype, 'append', 'append');

// Not a promise: the answer to a client is handed to its connection.
const ACK = 3;
const { Socket } = require('socket.io');
const { packet } = Socket.prototype;
Socket.prototype.packet = function (content, ...rest) {
  if (content.type === ACK) pass('ack.before');
  packet.call(this, content, ...rest);
  if (content.type === ACK) pass('ack.after');
};
