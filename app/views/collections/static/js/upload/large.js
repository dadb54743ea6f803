// Sends a large file in chunks or parts. The server's response says which parts it has, and how to send the others.

import { sendChunks } from "./chunks.js"
import { sendParts, StoreBlocked } from "./parts.js"
import { request, receiptOf } from "./request.js"

let storeBlocked = false

// Resolves with the server's record; with null if the store blocks browsers and the file must be sent as a whole.
export async function sendLarge(entry, { url, pool, onProgress, signal }) {
  if (storeBlocked) return null
  const { file, sha256 } = entry
  const { data: upload } = await request("POST", url, { json: { name: file.name, size: file.size, sha256 }, signal })
  if (upload.file) return upload.file
  entry.url = upload.url
  try {
    if (upload.mode === "parts") await sendParts(file, upload, { pool, onProgress, signal })
    else await sendChunks(file, upload, { onProgress, signal })
  } catch (error) {
    if (!(error instanceof StoreBlocked)) throw error
    storeBlocked = true
    await request("DELETE", upload.url).catch(() => {})
    return null
  }
  const receipt = receiptOf(await complete(upload, signal))
  entry.url = ""
  return receipt
}

// 409: a part is missing. The next try begins with the list of parts that the server has.
async function complete(upload, signal) {
  try {
    return await request("POST", `${upload.url}/complete`, { json: {}, signal })
  } catch (error) {
    if (error.status === 409) error.temporary = true
    throw error
  }
}
