// What a slide shows: the preview that PhotoSwipe has loaded, or something better that has taken its place. A better
// picture is decoded before it is shown, and its memory (a 24-megapixel original takes 96 MB) is let go of in time.

export function renditionOf(content) {
  return content?.rendition ?? "preview"
}

// How many pixels wide the preview is.
export function previewWidth(content) {
  const preview = content.preview ?? content.element
  if (preview?.naturalWidth) content.data.previewWidth = preview.naturalWidth
  return content.data.previewWidth
}

export function fetchPicture(url) {
  const image = new Image()
  image.decoding = "async"
  image.src = url
  return { image, decoded: image.decode() }
}

// Whoever moves on no longer wants the megabytes.
export function forget(image) {
  image.removeAttribute("src")
}

export function showInstead(content, image, rendition) {
  const before = content.element
  content.preview ??= before
  replace(content, image)
  if (before !== content.preview) forget(before)
  content.rendition = rendition
}

export function backToPreview(content) {
  if (!content.preview) return
  const better = content.element
  if (better) {
    replace(content, content.preview)
    forget(better)
  }
  content.preview = undefined
  content.rendition = undefined
}

function replace(content, image) {
  const before = content.element
  image.className = before.className
  image.alt = before.alt
  image.style.width = before.style.width
  image.style.height = before.style.height
  before.replaceWith(image)
  content.element = image
}
