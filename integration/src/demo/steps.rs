//! The steps of the demo, as they are told on the screen.

use std::path::Path;
use std::thread;
use std::time::Duration;

use contract::paths;
use serde_json::Value;

use super::diff::diff;
use super::evidence::CHECKS;
use super::screen::{Screen, seconds};
use super::secrets::{Secrets, set_up_login};
use super::webhook::{Admitted, Webhook};
use super::{DemoError, Scene, examples};
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

pub(super) fn introduce(screen: &mut Screen) -> Result<(), DemoError> {
    screen.say(
        "tokenpipe takes examples/web.yaml from its manifest to its running program. Real are Vault, \
         its agent, tokenpipe, env-exec and the program with its UID, mounts and processes. Not real: \
         this machine is no Kubernetes node, so a small stand-in runs the pod's containers the way \
         kubelet does, and asks the webhook the way the API server does.",
    )
}

/// Finds or builds the programs, and gives the node the images that hold them.
pub(super) fn programs(screen: &mut Screen, node: Node) -> Result<Node, DemoError> {
    let vault = tools::find(Tool::Vault)?;
    screen.pair("vault", vault.display())?;
    let env_exec = product::env_exec()?;
    screen.pair("env-exec", env_exec.display())?;
    screen.pair("tokenpipe", product::tokenpipe()?.display())?;
    Ok(images(node, env_exec, &vault))
}

/// Gives a node the images of the examples.
pub fn images(node: Node, env_exec: &Path, vault: &Path) -> Node {
    let agent = Image::of_this_machine().with("/usr/local/bin/vault", vault);
    let carrier = Image::from_scratch().with(paths::IMAGE_ENV_EXEC, env_exec);
    // The second one is the name in examples/config.yaml.
    node.image("tokenpipe/env-exec", carrier.clone())
        .image("registry.example/env-exec", carrier)
        .image(
            "tokenpipe/agent",
            agent.clone().with(paths::AGENT_IMAGE_ENV_EXEC, env_exec),
        )
        .image("hashicorp/vault", agent)
        .image("busybox", Image::of_this_machine())
        .image("shop/web", Image::of_this_machine())
}

/// Starts Vault, gives it secrets, and sets up the login.
pub(super) fn vault(
    screen: &mut Screen,
    secrets: &Secrets,
    issuer: &Issuer,
) -> Result<Vault, DemoError> {
    let vault = Vault::start()?;
    screen.say(format!(
        "It runs in dev mode, in memory, at {}.",
        vault.tls_address()
    ))?;
    secrets.write(&vault)?;
    screen.say("The secrets shop/db, with a password made up for this run, and shop/settings.")?;
    set_up_login(&vault, "jwt", issuer)?;
    screen.say(
        "The login is Vault's jwt method: a pod shows its ServiceAccount's token, and Vault checks \
         that against the public key of whoever signs such tokens. Here the stand-in does; on a \
         cluster it is the API server's key.",
    )?;
    Ok(vault)
}

pub(super) fn webhook(screen: &mut Screen, vault: &Vault) -> Result<Webhook, DemoError> {
    let webhook = Webhook::start(&examples::config(vault)?)?;
    screen.say(format!(
        "`tokenpipe serve` answers at {}, with a certificate of its own making.",
        webhook.url()
    ))?;
    screen.say(
        "Its configuration is examples/config.yaml, with the addresses of this run and its method, jwt.",
    )?;
    Ok(webhook)
}

pub(super) fn admit(
    screen: &mut Screen,
    webhook: &Webhook,
    written: &Value,
) -> Result<Admitted, DemoError> {
    let admitted = webhook.admit(written)?;
    screen.say(format!(
        "The pod of examples/web.yaml is admitted, with a patch of {} operations. They make this \
         difference (JSON in values is broken into lines and cut, for reading):",
        admitted.operations
    ))?;
    screen.write("")?;
    for line in diff(written, &admitted.pod, screen.columns())? {
        screen.change(line.sign, &line.text)?;
    }
    screen.write("")?;
    let again = webhook.admit(&admitted.pod)?;
    if again.operations > 0 {
        return Err(DemoError::NotSteady(again.operations));
    }
    screen.say(format!(
        "Asked about the result, as the API server asks when another webhook changed something, it \
         has nothing to add. That answer took {}.",
        seconds(again.elapsed)
    ))?;
    for warning in &admitted.warnings {
        screen.say(format!("Warning: {warning}"))?;
    }
    Ok(admitted)
}

pub(super) fn start(screen: &mut Screen, pod: &mut Pod<'_>) -> Result<(), DemoError> {
    pod.start()?;
    for container in pod.starts() {
        if let Some(end) = container.end() {
            let elapsed = seconds(end.elapsed);
            screen.pair(
                container.name(),
                format!("init container, done in {elapsed}"),
            )?;
        }
    }
    let program = pod.container(CONTAINER)?;
    let log = wait_for("the program's first line", LIMIT, || match program.log() {
        log if log.contains('\n') => Probe::Ready(log),
        log if program.is_running() => Probe::NotYet(format!("its log is {log:?}")),
        log => Probe::Failed(format!("it has ended, with the log {log:?}")),
    })?;
    let elapsed = seconds(program.until_last_line()?);
    screen.pair(
        CONTAINER,
        format!("its program runs {elapsed} after the container was started"),
    )?;
    log.lines().try_for_each(|line| screen.pair("", line))
}

pub(super) fn prove(screen: &mut Screen, scene: &Scene<'_>) -> Result<(), DemoError> {
    let mut failed = 0;
    for (claim, check) in CHECKS {
        let found = check(scene);
        failed += usize::from(found.is_err());
        screen.claim(claim, &found)?;
    }
    if failed == 0 {
        Ok(())
    } else {
        Err(DemoError::Claims(failed))
    }
}

/// Says how to look around, and waits for Ctrl-C, which ends this process; what cleans up behind it
/// is another.
pub(super) fn stay(screen: &mut Screen, scene: &Scene<'_>) -> Result<(), DemoError> {
    let (program, vault) = (scene.program, scene.vault);
    screen.write("")?;
    screen.say("Everything stays until Ctrl-C. Look around from another terminal:")?;
    for command in [
        format!("tr '\\0' '\\n' < /proc/{program}/environ"),
        format!("nsenter --target {program} --mount --pid sh"),
        format!(
            "VAULT_ADDR={} VAULT_TOKEN={} {} secrets list",
            vault.address(),
            Vault::ROOT_TOKEN,
            vault.program().display()
        ),
        format!("curl -s {}/metrics", scene.webhook.metrics()),
        format!("ls {}", scene.pod.directory().display()),
    ] {
        screen.write(&format!("     {command}"))?;
    }
    loop {
        thread::park();
    }
}

pub(super) fn stop(screen: &mut Screen, pod: &mut Pod<'_>) -> Result<(), DemoError> {
    let program = pod.container(CONTAINER)?;
    program.signal(Signal::TERM)?;
    let code = program.wait(LIMIT)?.code;
    screen.say(format!(
        "The program was told to stop (SIGTERM), and ended with {code}."
    ))
}
