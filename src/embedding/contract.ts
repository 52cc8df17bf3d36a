/** Turns texts into vectors. One lazy process per SWITCHYARD_HOME serves the host and its servers. */
export interface Embedder extends AsyncDisposable {
  /** Identifies the vector space: model id, ONNX hash, pooling and maximum length. Vectors of two ids never mix. */
  readonly id: string;
  readonly dimensions: number;
  /** Longer text is cut by the model; chunk to at most this many tokens. */
  readonly maxTokens: number;
  /** One L2-normalised vector a text, in order. Rejects with HostError `embedder-unavailable`. */
  embed(
    texts: readonly string[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly Float32Array[]>;
}
