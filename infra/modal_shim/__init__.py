"""The Modal shim: one process for all sandboxes, spoken to in JSON-RPC 2.0 on stdio. See README.md."""
