//! The steps of the demo, as they are told on the screen.

use std::path::Path;
use std::thread;
use std::time::Duration;

use contract::paths;
use serde_json::Value;

use super::diff::compare_objects;
use super::evidence::CHECKS;
use super::screen::{Screen, format_seconds};
use super::secrets::{Secrets, set_up_login};
use super::webhook::{Admitted, Webhook};
use super::{DemoError, InjectedPod, examples};
use crate::kubelet::{Image, Issuer, Node, Pod};
use crate::process::Signal;
use crate::product;
use crate::tools::{self, Tool};
use crate::vault::Vault;
use crate::wait::{Probe, wait_for};

/// The container of the example.
pub(super) const CONTAINER: &str = "web";

/// How long the program may take to say that it is ready, and to end when it is told to.
const LIMIT: Duration = Duration::from_secs(30);

pub(super) fn print_introduction(screen: &mut Screen) -> Result<(), DemoError> {
    screen.print_text(
        "tokenpipe takes examples/web.yaml from its manifest to its running program. Real are Vault, \
         its agent, tokenpipe, env-exec and the program with its UID, mounts and processes. Not real: \
         this machine is no Kubernetes node, so a small stand-in runs the pod's containers the way \
         kubelet does, and asks the webhook the way the API server does.",
    )
}

/// Finds or builds the programs, and gives the node the images that hold them.
pub(super) fn find_programs(screen: &mut Screen, node: Node) -> Result<Node, DemoError> {
    let vault = tools::find_tool(Tool::Vault)?;
    screen.print_pair("vault", vault.display())?;
    let env_exec = product::find_env_exec()?;
    screen.print_pair("env-exec", env_exec.display())?;
    screen.print_pair("tokenpipe", product::find_tokenpipe()?.display())?;
    Ok(add_images(node, env_exec, &vault))
}

/// Gives a node the images of the examples.
pub fn add_images(node: Node, env_exec: &Path, vault: &Path) -> Node {
    let agent = Image::of_this_machine().with_file("/usr/local/bin/vault", vault);
    let carrier = Image::from_scratch().with_file(paths::IMAGE_ENV_EXEC, env_exec);
    // The second one is the name in examples/config.yaml.
    node.with_image("tokenpipe/env-exec", carrier.clone())
        .with_image("registry.example/env-exec", carrier)
        .with_image(
            "tokenpipe/agent",
            agent
                .clone()
                .with_file(paths::AGENT_IMAGE_ENV_EXEC, env_exec),
        )
        .with_image("hashicorp/vault", agent)
        .with_image("busybox", Image::of_this_machine())
        .with_image("shop/web", Image::of_this_machine())
}

/// Starts Vault, gives it secrets, and sets up the login.
pub(super) fn start_vault(
    screen: &mut Screen,
    secrets: &Secrets,
    issuer: &Issuer,
) -> Result<Vault, DemoError> {
    let vault = Vault::start()?;
    screen.print_text(format!(
        "It runs in dev mode, in memory, at {}.",
        vault.tls_address()
    ))?;
    secrets.write(&vault)?;
    screen.print_text(
        "The secrets shop/db, with a password made up for this run, and shop/settings.",
    )?;
    set_up_login(&vault, "jwt", issuer)?;
    screen.print_text(
        "The login is Vault's jwt method: a pod shows its ServiceAccount's token, and Vault checks \
         that against the public key of whoever signs such tokens. Here the stand-in does; on a \
         cluster it is the API server's key.",
    )?;
    Ok(vault)
}

pub(super) fn start_webhook(screen: &mut Screen, vault: &Vault) -> Result<Webhook, DemoError> {
    let webhook = Webhook::start(&examples::build_config(vault)?)?;
    screen.print_text(format!(
        "`tokenpipe serve` answers at {}, with a certificate of its own making.",
        webhook.url()
    ))?;
    screen.print_text(
        "Its configuration is examples/config.yaml, with the addresses of this run and its method, jwt.",
    )?;
    Ok(webhook)
}

pub(super) fn admit_pod(
    screen: &mut Screen,
    webhook: &Webhook,
    written: &Value,
) -> Result<Admitted, DemoError> {
    let admitted = webhook.admit_pod(written)?;
    screen.print_text(format!(
        "The pod of examples/web.yaml is admitted, with a patch of {} operations. They make this \
         difference (JSON in values is broken into lines and cut, for reading):",
        admitted.operations
    ))?;
    screen.print_line("")?;
    for line in compare_objects(written, &admitted.pod, screen.columns())? {
        screen.print_change(line.sign, &line.text)?;
    }
    screen.print_line("")?;
    let again = webhook.admit_pod(&admitted.pod)?;
    if again.operations > 0 {
        return Err(DemoError::NotSteady(again.operations));
    }
    screen.print_text(format!(
        "Asked about the result, as the API server asks when another webhook changed something, it \
         has nothing to add. That answer took {}.",
        format_seconds(again.elapsed)
    ))?;
    for warning in &admitted.warnings {
        screen.print_text(format!("Warning: {warning}"))?;
    }
    Ok(admitted)
}

pub(super) fn start_pod(screen: &mut Screen, pod: &mut Pod<'_>) -> Result<(), DemoError> {
    pod.start()?;
    for container in pod.starts() {
        if let Some(end) = container.end() {
            let elapsed = format_seconds(end.elapsed);
            screen.print_pair(
                container.name(),
                format!("init container, done in {elapsed}"),
            )?;
        }
    }
    let program = pod.find_container(CONTAINER)?;
    let log = wait_for("the program's first line", LIMIT, || match program.log() {
        log if log.contains('\n') => Probe::Ready(log),
        log if program.is_running() => Probe::NotYet(format!("its log is {log:?}")),
        log => Probe::Failed(format!("it has ended, with the log {log:?}")),
    })?;
    let elapsed = format_seconds(program.until_last_line()?);
    screen.print_pair(
        CONTAINER,
        format!("its program runs {elapsed} after the container was started"),
    )?;
    log.lines().try_for_each(|line| screen.print_pair("", line))
}

pub(super) fn check_claims(
    screen: &mut Screen,
    injected: &InjectedPod<'_>,
) -> Result<(), DemoError> {
    let mut failed = 0;
    for (claim, check) in CHECKS {
        let found = check(injected);
        failed += usize::from(found.is_err());
        screen.print_claim(claim, &found)?;
    }
    if failed == 0 {
        Ok(())
    } else {
        Err(DemoError::Claims(failed))
    }
}

/// Says how to look around, and waits for Ctrl-C, which ends this process; what cleans up behind it
/// is another.
pub(super) fn wait_for_interrupt(
    screen: &mut Screen,
    injected: &InjectedPod<'_>,
) -> Result<(), DemoError> {
    let (program, vault) = (injected.program, injected.vault);
    screen.print_line("")?;
    screen.print_text("Everything stays until Ctrl-C. Look around from another terminal:")?;
    for command in [
        format!("tr '\\0' '\\n' < /proc/{program}/environ"),
        format!("nsenter --target {program} --mount --pid sh"),
        format!(
            "VAULT_ADDR={} VAULT_TOKEN={} {} secrets list",
            vault.address(),
            Vault::ROOT_TOKEN,
            vault.program().display()
        ),
        format!("curl -s {}/metrics", injected.webhook.metrics()),
        format!("ls {}", injected.pod.directory().display()),
    ] {
        screen.print_line(&format!("     {command}"))?;
    }
    loop {
        thread::park();
    }
}

pub(super) fn stop_pod(screen: &mut Screen, pod: &mut Pod<'_>) -> Result<(), DemoError> {
    let program = pod.find_container(CONTAINER)?;
    program.signal(Signal::TERM)?;
    let code = program.wait(LIMIT)?.code;
    screen.print_text(format!(
        "The program was told to stop (SIGTERM), and ended with {code}."
    ))
}
