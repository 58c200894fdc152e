# Vault's policy for the pods of web: what they may read.
path "secret/data/shop/*" {
  capabilities = ["read"]
}
