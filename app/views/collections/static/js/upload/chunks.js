// tus 1.0.0 to our own server (https://tus.io/protocols/resumable-upload). Where to go on is in the answer to the
// creation, which is asked anew after every break; so there is nothing to remember, and no client library is needed.

import { ask, UploadError } from "./request.js"

const CHUNK = 8 * 1024 * 1024 // half of what the server reads on to say that it cannot take a piece; proxies pass it

export async function sendChunks(file, upload, { onProgress, signal }) {
  let offset = upload.received
  onProgress(offset)
  while (offset < file.size) {
    const body = file.slice(offset, offset + (upload.part_size || CHUNK))
    const headers = { "Tus-Resumable": "1.0.0", "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" }
    const start = offset
    const { header } = await patch(upload.url, { body, headers, signal, onProgress: (sent) => onProgress(start + Math.min(sent, body.size)) })
    offset = Number(header("Upload-Offset"))
    if (!(offset > start)) throw new UploadError("The server took nothing of this piece.", { passing: true })
    onProgress(offset)
  }
}

// 409: the server has more or less than we thought, because an answer was lost. Asking again tells.
async function patch(url, options) {
  try {
    return await ask("PATCH", url, options)
  } catch (error) {
    if (error.status !== 409) throw error
    throw new UploadError("The server has another part of this file than expected.", { passing: true })
  }
}
