// Which image a slide shows: the preview loaded by PhotoSwipe, or `large` or the original in its place. Images are decoded
// before they are shown, and unloaded when replaced (a decoded 24-megapixel original takes 96 MB).

// "preview", "large" or "original".
export function renditionOf(content) {
  return content?.rendition ?? "preview"
}

// The width of the preview in pixels; an estimate until it has loaded.
export function previewWidth(content) {
  const preview = content.preview ?? content.element
  if (preview?.naturalWidth) content.data.previewWidth = preview.naturalWidth
  return content.data.previewWidth
}

export function loadImage(url) {
  const image = new Image()
  image.decoding = "async"
  image.src = url
  return { image, decoded: image.decode() }
}

// Stop loading, and free the memory.
export function unload(image) {
  image.removeAttribute("src")
}

export function showInstead(content, image, rendition) {
  const before = content.element
  content.preview ??= before
  replace(content, image)
  if (before !== content.preview) unload(before)
  content.rendition = rendition
}

export function backToPreview(content) {
  if (!content.preview) return
  const better = content.element
  if (better) {
    replace(content, content.preview)
    unload(better)
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
