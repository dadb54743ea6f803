// A web worker that computes digests, a slice at a time, so that no file is in memory as a whole.

const SLICE = 4 * 1024 * 1024
const stopped = new Set()
let library

onmessage = ({ data }) => {
  if (data.stop) stopped.add(data.id)
  else if (data.library) library = load(data.library)
  else digest(data)
}

async function load(url) {
  const [{ sha256 }, { md5 }] = await Promise.all([import(`${url}sha2.js`), import(`${url}legacy.js`)])
  return { sha256, md5 }
}

async function digest({ id, kind, blob }) {
  try {
    const hash = (await library)[kind].create()
    for (let at = 0; at < blob.size && !stopped.has(id); at += SLICE) {
      hash.update(new Uint8Array(await blob.slice(at, at + SLICE).arrayBuffer()))
      postMessage({ id, read: Math.min(at + SLICE, blob.size) })
    }
    postMessage({ id, digest: hash.digest() })
  } catch (error) {
    postMessage({ id, error: `${error.name}: ${error.message}`, unreadable: error.name === "NotReadableError" || error.name === "NotFoundError" })
  }
  stopped.delete(id)
}
