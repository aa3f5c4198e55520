/** `npm test` runs everything but tests/long; `npm run test:all` (ALL=1) runs that too. */
module.exports = {
  rootDir: __dirname,
  roots: ['<rootDir>/tests'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: process.env.ALL ? [] : ['/tests/long/'],
  transform: { '^.+\\.ts$': ['ts-jest', { diagnostics: false }] },
  testEnvironment: 'node',
  testTimeout: 60_000,
  testSequencer: '<rootDir>/jest.sequencer.js',
  maxWorkers: 2,
};
