//! A `PostgreSQL` in the cluster, in which Vault makes users.

use std::time::Duration;

use serde_json::{Value, json};

use super::cluster::restricted_context;
use super::{E2eError, Namespace, Secret, Vault};
use crate::images::Image;
use crate::wait::wait_for;

const NAME: &str = "database";
const READY: Duration = Duration::from_secs(120);
/// The argument by which the tests' plugin is one for `PostgreSQL`.
const PLUGIN: &str = "postgresql";
const ADMINISTRATOR: &str = "root";
/// Makes a database at each start, whose administrator logs in with `$PASSWORD`.
const SERVER: &str = r#"
PATH=$(echo /usr/lib/postgresql/*/bin):$PATH
printf %s "$PASSWORD" >/tmp/password
initdb --pgdata=/data/pg --username=root --auth=scram-sha-256 --pwfile=/tmp/password --no-locale --encoding=UTF8
echo "host all all all scram-sha-256" >>/data/pg/pg_hba.conf
exec postgres -D /data/pg -c listen_addresses=* -c unix_socket_directories=/tmp -c fsync=off
"#;
/// As Vault's documentation has it.
const CREATE: &str =
    "CREATE ROLE \"{{name}}\" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}';";

/// A `PostgreSQL`, which goes with its namespace.
pub struct Database<'s> {
    namespace: &'s Namespace<'s>,
    address: String,
}

impl<'s> Database<'s> {
    /// Starts it, and has Vault make users in it at `database/creds/ROLE`, which live so long.
    pub fn install(
        namespace: &'s Namespace<'s>,
        vault: &Vault<'_>,
        role: &str,
        lease: &str,
    ) -> Result<Self, E2eError> {
        let password = Secret::new()?;
        let service = json!({
            "apiVersion": "v1", "kind": "Service", "metadata": { "name": NAME },
            "spec": { "selector": { "app": NAME }, "ports": [{ "port": 5432 }] },
        });
        namespace.apply_objects(&[service, build_pod(namespace, &password)?])?;
        namespace.wait_for_pods(&format!("app={NAME}"), 1)?;
        let service = namespace.get("services", NAME)?;
        let ip = service["spec"]["clusterIP"].as_str().unwrap_or_default();
        let database = Self {
            namespace,
            address: format!("{ip}:5432/postgres"),
        };
        vault.enable_database("database", PLUGIN)?;
        let connection = json!({
            "plugin_name": PLUGIN,
            "connection_url": format!("postgresql://{{{{username}}}}:{{{{password}}}}@{}", database.address),
            "allowed_roles": "*",
            "username": ADMINISTRATOR,
            "password": password.value(),
        });
        // It makes a database before it listens.
        wait_for("a database that Vault can use", READY, || {
            vault.write("database/config/database", &connection)
        })?;
        let users = json!({
            "db_name": NAME, "creation_statements": CREATE, "default_ttl": lease, "max_ttl": lease,
        });
        vault.write(&format!("database/roles/{role}"), &users)?;
        let rules = format!("path \"database/creds/{role}\" {{ capabilities = [\"read\"] }}");
        vault.write_policy(role, &rules)?;
        Ok(database)
    }

    /// Where it is, with its port and the name of its database.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The container of a program with the client, `psql`.
    pub fn build_client(&self, name: &str, script: &str) -> Result<Value, E2eError> {
        let cluster = self.namespace.cluster;
        Ok(json!({
            "name": name,
            "image": cluster.provide_image(Image::Postgres)?,
            "imagePullPolicy": cluster.pull_policy(),
            "command": ["sh", "-c", format!("PATH=$(echo /usr/lib/postgresql/*/bin):$PATH; {script}")],
            "securityContext": restricted_context(),
        }))
    }
}

fn build_pod(namespace: &Namespace<'_>, password: &Secret) -> Result<Value, E2eError> {
    let cluster = namespace.cluster;
    let volumes = ["/data", "/tmp"];
    let mounts = volumes.map(|path| json!({ "name": &path[1..], "mountPath": path }));
    let volumes = volumes.map(|path| json!({ "name": &path[1..], "emptyDir": {} }));
    Ok(json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": NAME, "labels": { "app": NAME },
            "annotations": { "tokenpipe.dev/inject": "false" },
        },
        "spec": {
            "automountServiceAccountToken": false,
            "terminationGracePeriodSeconds": 0,
            "containers": [{
                "name": NAME,
                "image": cluster.provide_image(Image::Postgres)?,
                "imagePullPolicy": cluster.pull_policy(),
                "command": ["sh", "-ec", SERVER],
                "env": [{ "name": "PASSWORD", "value": password.value() }],
                "securityContext": restricted_context(),
                "volumeMounts": mounts,
            }],
            "volumes": volumes,
        },
    }))
}
