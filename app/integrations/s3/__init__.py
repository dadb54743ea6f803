"""The parts of CloudflareR2Storage that know S3: settings, errors, uploading, reading, signing."""
