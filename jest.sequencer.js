const Sequencer = require('@jest/test-sequencer').default;

const slow = ['/tests/long/', '/tests/fleet/', '/tests/web/', '/tests/server/'];

/** The folders of slow tests first: else a fresh clone, which knows no times yet, ends with one of them alone. */
module.exports = class extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => slow.findIndex((folder) => path.includes(folder)) >>> 0; // -1 is the last
    return super.sort(tests).toSorted((a, b) => rank(a) - rank(b));
  }
};
