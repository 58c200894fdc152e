// Auth methods of Vault that its minimal build lacks, and what its database engine needs for PostgreSQL,
// as one plugin. Vault's catalog starts it with the method's or the database's name as the only argument.
package main

import (
	"fmt"
	"os"

	kerberos "github.com/hashicorp/vault-plugin-auth-kerberos"
	"github.com/hashicorp/vault/api"
	awsauth "github.com/hashicorp/vault/builtin/credential/aws"
	"github.com/hashicorp/vault/builtin/credential/ldap"
	"github.com/hashicorp/vault/plugins/database/postgresql"
	dbplugin "github.com/hashicorp/vault/sdk/database/dbplugin/v5"
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
		return fmt.Errorf("usage: %s NAME", os.Args[0])
	}
	if os.Args[1] == "postgresql" {
		dbplugin.ServeMultiplex(postgresql.New)
		return nil
	}
	factory, ok := factories[os.Args[1]]
	if !ok {
		return fmt.Errorf("neither an auth method nor a database: %q", os.Args[1])
	}
	tls := (&api.PluginAPIClientMeta{}).GetTLSConfig()
	return plugin.ServeMultiplex(&plugin.ServeOpts{
		BackendFactoryFunc: factory,
		TLSProviderFunc:    api.VaultPluginTLSProvider(tls),
	})
}
