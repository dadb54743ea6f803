// A tus 1.0.0 client for our own server (https://tus.io/protocols/resumable-upload). The offset to resume at is in the
// response to the creation request, which is repeated after every interruption; the browser stores nothing.

import { request, UploadError } from "./request.js"

const CHUNK = 8 * 1024 * 1024 // half of what the server still reads of a chunk that it rejects; below proxies' limits

export async function sendChunks(file, upload, { onProgress, signal }) {
  let offset = upload.received
  onProgress(offset)
  while (offset < file.size) {
    const body = file.slice(offset, offset + (upload.part_size || CHUNK))
    const headers = { "Tus-Resumable": "1.0.0", "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" }
    const start = offset
    const { header } = await patch(upload.url, { body, headers, signal, onProgress: (sent) => onProgress(start + Math.min(sent, body.size)) })
    offset = Number(header("Upload-Offset"))
    if (!(offset > start)) throw new UploadError("The server didn’t accept part of this file.", { temporary: true })
    onProgress(offset)
  }
}

// 409: the server is at another offset because a response was lost. The next try begins with the right offset.
async function patch(url, options) {
  try {
    return await request("PATCH", url, options)
  } catch (error) {
    if (error.status !== 409) throw error
    throw new UploadError("The upload got out of step with the server.", { temporary: true })
  }
}
