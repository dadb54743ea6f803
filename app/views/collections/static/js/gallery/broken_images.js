// Reports images that fail to load, each once. The server checks the stored file and makes it again if it is missing or
// damaged. `onReported(uuid)` is called afterwards, so that the page can load the image again.

import { post } from "../shared/http.js"
import { withRetries } from "../shared/retry.js"

const IMAGE_URL = /(\/collections\/files\/([^/]+)\/)(?:(thumbnail)|(preview)|variants\/([a-z]+))/
const STORED = /\/variants\/([a-z]+)_/ // in the presigned URL of a variant
const reported = new Set()

export function reportBrokenImages(root, onReported) {
  const send = (image) => report(image, onReported).catch(() => {}) // the file was deleted, or the collection closed
  root.addEventListener("error", (event) => event.target instanceof HTMLImageElement && send(event.target), true)
  root.querySelectorAll("img").forEach((image) => image.complete && image.naturalWidth === 0 && send(image))
}

async function report(image, onReported) {
  const broken = variantOf(image)
  if (!broken) return
  const { file, uuid, name } = broken
  const url = `${file}variants/${name}/report`
  if (reported.has(url)) return
  reported.add(url)
  await withRetries(() => post(url))
  await onReported(uuid)
}

// The variant whose image failed; null for another image.
function variantOf(image) {
  const address = image.currentSrc || image.src
  const found = IMAGE_URL.exec(address)
  if (found) {
    const [, file, uuid, thumbnail, preview, other] = found
    return { file, uuid, name: thumbnail ? "thumb" : preview ? "medium" : other }
  }
  const stable = IMAGE_URL.exec(image.closest("[data-preview-src]")?.dataset.previewUrl)
  return stable && { file: stable[1], uuid: stable[2], name: STORED.exec(address)?.[1] ?? "thumb" }
}
