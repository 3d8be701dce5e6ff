/**
 * Read a record of dlcore/record.py: header length (uint32, little-endian), header (JSON), arrays.
 * @param {Uint8Array} bytes
 * @returns {{facts: any, arrays: Object<string, {values: any, shape: number[]}>}}
 */
function readRecord(bytes) {
  // a copy that begins at 0: typed arrays must lie at multiples of their own size
  const buffer = bytes.slice().buffer
  const length = new DataView(buffer).getUint32(0, true)
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)))
  const makers = {
    float32: Float32Array, float64: Float64Array, int32: Int32Array, int64: BigInt64Array,
    uint8: Uint8Array, int8: Int8Array,
  }
  const arrays = {}
  for (const [name, dtype, shape, offset] of header.arrays) {
    const count = shape.reduce((a, b) => a * b, 1)
    arrays[name] = { values: new makers[dtype](buffer, 4 + length + offset, count), shape }
  }
  return { facts: header.facts, arrays }
}
