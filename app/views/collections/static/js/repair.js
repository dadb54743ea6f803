// A picture that cannot be shown is reported, once; the server looks for it in the store and makes it again if it is
// gone or damaged. `onHarmed` then hears which file it was.

import { post } from "./http.js"

const ADDRESS = /(\/collections\/files\/([^/]+)\/)(?:(thumbnail)|(preview)|variants\/([a-z]+))/
const reported = new Set()

export function watchPictures(place, onHarmed) {
  const look = (image) => report(image, onHarmed)
  place.addEventListener("error", (event) => event.target instanceof HTMLImageElement && look(event.target), true)
  place.querySelectorAll("img").forEach((image) => image.complete && image.naturalWidth === 0 && look(image))
}

async function report(image, onHarmed) {
  const found = ADDRESS.exec(image.currentSrc || image.src)
  if (!found) return
  const [, file, uuid, thumbnail, preview, other] = found
  const url = `${file}variants/${thumbnail ? "thumb" : preview ? "medium" : other}/report`
  if (reported.has(url)) return
  reported.add(url)
  const answer = await (await post(url)).json()
  if (!answer.whole) onHarmed(uuid)
}
