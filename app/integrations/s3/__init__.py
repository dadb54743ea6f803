"""S3 client code of CloudflareR2Storage: settings, errors, uploads, reading and presigned URLs."""
