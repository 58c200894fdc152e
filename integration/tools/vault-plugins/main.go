// Auth methods of Vault that its minimal build lacks, as one plugin. Vault's catalog starts it with
// the method's name as the only argument.
package main

import (
	"fmt"
	"os"

	kerberos "github.com/hashicorp/vault-plugin-auth-kerberos"
	"github.com/hashicorp/vault/api"
	awsauth "github.com/hashicorp/vault/builtin/credential/aws"
	"github.com/hashicorp/vault/builtin/credential/ldap"
	"github.com/hashicorp/vault/sdk/logical"
	"github.com/hashicorp/vault/sdk/plugin"
)

var factories = map[string]logical.Factory{
	"aws":      awsauth.Factory,
	"kerberos": kerberos.Factory,
	"ldap":     ldap.Factory,
}

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve() error {
	if len(os.Args) != 2 {
		return fmt.Errorf("usage: %s METHOD", os.Args[0])
	}
	factory, ok := factories[os.Args[1]]
	if !ok {
		return fmt.Errorf("no auth method %q", os.Args[1])
	}
	tls := (&api.PluginAPIClientMeta{}).GetTLSConfig()
	return plugin.ServeMultiplex(&plugin.ServeOpts{
		BackendFactoryFunc: factory,
		TLSProviderFunc:    api.VaultPluginTLSProvider(tls),
	})
}
