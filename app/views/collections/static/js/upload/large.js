// A big file in pieces: the server says what it has, and how it wants the rest.

import { sendChunks } from "./chunks.js"
import { sendParts, StoreRefused } from "./parts.js"
import { ask, receiptOf } from "./request.js"

let storeRefuses = false

// Resolves with the server's record, or with null if the store lets no browser in and the file has to go as a whole.
export async function sendLarge(entry, { url, pool, onProgress, signal }) {
  if (storeRefuses) return null
  const { file, sha256 } = entry
  const { answer: upload } = await ask("POST", url, { json: { name: file.name, size: file.size, sha256 }, signal })
  if (upload.file) return upload.file
  entry.url = upload.url
  try {
    if (upload.mode === "parts") await sendParts(file, upload, { pool, onProgress, signal })
    else await sendChunks(file, upload, { onProgress, signal })
  } catch (error) {
    if (!(error instanceof StoreRefused)) throw error
    storeRefuses = true
    await ask("DELETE", upload.url).catch(() => {})
    return null
  }
  const receipt = receiptOf(await complete(upload, signal))
  entry.url = ""
  return receipt
}

// 409: something is missing after all. The next try asks what, and sends that.
async function complete(upload, signal) {
  try {
    return await ask("POST", `${upload.url}/complete`, { json: {}, signal })
  } catch (error) {
    if (error.status === 409) error.passing = true
    throw error
  }
}
