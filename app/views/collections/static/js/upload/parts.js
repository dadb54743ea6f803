// Parts straight from the browser to an S3 store: our server signs an address for each, bound to its MD5, so that the
// store itself refuses other bytes.

import { ask, UploadError } from "./request.js"

const LANES = 3

// The store's CORS rules let no browser in: nothing that waiting would mend.
export class StoreRefused extends Error {}

export async function sendParts(file, upload, { pool, onProgress, signal }) {
  const sent = new Map(upload.parts.map(({ number, size }) => [number, size]))
  const tell = () => onProgress([...sent.values()].reduce((sum, size) => sum + size, 0))
  const numbers = Array.from({ length: Math.ceil(file.size / upload.part_size) }, (_, index) => index + 1)
  const missing = numbers.filter((number) => !sent.has(number))
  const broken = new AbortController()
  const stop = AbortSignal.any([signal, broken.signal])
  let trusted = upload.parts.length > 0
  tell()

  const lane = async () => {
    for (let number = missing.shift(); number; number = missing.shift()) {
      const blob = file.slice((number - 1) * upload.part_size, number * upload.part_size)
      const onPart = (bytes) => {
        sent.set(number, Math.min(bytes, blob.size))
        tell()
      }
      await sendPart(blob, number, upload, { pool, trusted: () => trusted, signal: stop, onProgress: onPart })
      trusted = true
    }
  }
  try {
    await Promise.all(Array.from({ length: LANES }, lane))
  } catch (error) {
    broken.abort(error) // the other parts must not go on behind a failure
    throw error
  }
}

async function sendPart(blob, number, upload, { pool, trusted, signal, onProgress }) {
  const md5 = await pool.md5(blob, { signal })
  const { answer } = await ask("POST", `${upload.url}/parts`, { json: { parts: [{ number, md5 }] }, signal })
  try {
    await ask("PUT", answer.urls[number], { foreign: true, body: blob, headers: { "Content-MD5": md5 }, signal, onProgress })
  } catch (error) {
    onProgress(0)
    signal.throwIfAborted()
    throw await meaningOf(error, upload, trusted())
  }
  onProgress(blob.size)
}

// A refusal by CORS looks like a lost connection. It is one if our own server answers, and nothing ever got through.
async function meaningOf(error, upload, trusted) {
  if (!error.lost) return new UploadError(`The store refused a part of this file (${error.status}).`, { passing: true, status: error.status })
  if (trusted || !navigator.onLine) return error
  return ask("GET", upload.url).then(
    () => new StoreRefused(),
    () => error,
  )
}
