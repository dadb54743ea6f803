// Reports images that fail to load, each once. The server checks the stored file and makes it again if it is missing or
// damaged. `onReported(uuid)` is called afterwards, so that the page can load the image again.

import { post } from "../shared/http.js"
import { withRetries } from "../shared/retry.js"

const IMAGE_URL = /(\/collections\/files\/([^/]+)\/)(?:(thumbnail)|(preview)|variants\/([a-z]+))/
const reported = new Set()

export function reportBrokenImages(root, onReported) {
  const send = (image) => report(image, onReported).catch(() => {}) // the file was deleted, or the collection closed
  root.addEventListener("error", (event) => event.target instanceof HTMLImageElement && send(event.target), true)
  root.querySelectorAll("img").forEach((image) => image.complete && image.naturalWidth === 0 && send(image))
}

async function report(image, onReported) {
  const found = IMAGE_URL.exec(image.currentSrc || image.src)
  if (!found) return
  const [, file, uuid, thumbnail, preview, other] = found
  const url = `${file}variants/${thumbnail ? "thumb" : preview ? "medium" : other}/report`
  if (reported.has(url)) return
  reported.add(url)
  await withRetries(() => post(url))
  await onReported(uuid)
}
