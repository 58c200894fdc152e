use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::{Tool, ToolError, check_explicit, find_old_version};
use crate::temp;

fn write_program(directory: &Path, says: &str) -> PathBuf {
    let path = directory.join("program");
    fs::write(&path, format!("#!/bin/sh\necho '{says}'\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn variables_are_named_after_programs() {
    assert_eq!(Tool::Vault.variable(), "VAULT_BIN");
    assert_eq!(
        Tool::KubeControllerManager.variable(),
        "KUBE_CONTROLLER_MANAGER_BIN"
    );
}

#[test]
fn a_name_that_is_none_gets_the_list() {
    assert_eq!("kubectl".parse::<Tool>().unwrap(), Tool::Kubectl);
    let error = "kubctl".parse::<Tool>().unwrap_err().to_string();
    assert!(
        error.contains("no tool `kubctl`") && error.contains("kubectl, kubelet"),
        "{error}"
    );
}

#[test]
fn a_program_must_be_new_enough() {
    let directory = temp::create_directory("tools").unwrap();
    for (says, expected) in [
        ("Vault v1.16.0 (abc), built 2024", None),
        ("Vault v1.15.9 (abc), built 2024", Some("1.15.9".to_owned())),
        ("no idea", Some("of an unknown version".to_owned())),
    ] {
        assert_eq!(
            find_old_version(Tool::Vault, &write_program(directory.path(), says)).unwrap(),
            expected,
            "{says}"
        );
    }
}

#[test]
fn tool_of_a_variable_is_used_or_rejected() {
    let directory = temp::create_directory("tools").unwrap();
    let path = write_program(directory.path(), "Vault v1.21.1");
    assert_eq!(check_explicit(Tool::Vault, path.as_os_str()).unwrap(), path);

    let path = write_program(directory.path(), "Vault v1.2.3");
    let error = check_explicit(Tool::Vault, path.as_os_str()).unwrap_err();
    let expected = format!(
        "VAULT_BIN is {}, which is 1.2.3: 1.16.0 or newer is needed",
        path.display()
    );
    assert_eq!(error.to_string(), expected);

    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let error = check_explicit(Tool::Vault, path.as_os_str()).unwrap_err();
    assert!(matches!(error, ToolError::NotExecutable { .. }), "{error}");
}
