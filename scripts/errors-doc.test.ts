import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorsDoc, writtenDoc } from './errors-doc.ts'

test('docs/ERRORS.md says what protocol/errors.ts says', () => assert.equal(writtenDoc(), errorsDoc()))
