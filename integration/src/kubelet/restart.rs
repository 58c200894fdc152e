//! What kubelet does when a container has ended.

use super::manifest::{Container, Operator, RestartAction, RestartPolicy, RestartRule};

/// What kubelet does when a container has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It stays ended.
    Stays,
    /// It is started again.
    Restarts,
    /// All containers are killed, and all are started again, init containers first.
    RestartsAll,
}

/// The first rule that names the exit code decides, else the container's policy, else the pod's.
pub(super) fn next(container: &Container, is_init: bool, pod: RestartPolicy, code: i32) -> Next {
    let rule = container
        .restart_policy_rules
        .iter()
        .find(|rule| matches_code(rule, code));
    if let Some(rule) = rule {
        return match rule.action {
            RestartAction::Restart => Next::Restarts,
            RestartAction::RestartAllContainers => Next::RestartsAll,
        };
    }
    let policy = match (container.restart_policy, is_init, pod) {
        (Some(own), _, _) => own,
        // An init container that has done its work is not started again.
        (None, true, RestartPolicy::Always) => RestartPolicy::OnFailure,
        (None, _, pod) => pod,
    };
    match policy {
        RestartPolicy::Always => Next::Restarts,
        RestartPolicy::OnFailure if code != 0 => Next::Restarts,
        RestartPolicy::OnFailure | RestartPolicy::Never => Next::Stays,
    }
}

fn matches_code(rule: &RestartRule, code: i32) -> bool {
    rule.exit_codes.values.contains(&code) == (rule.exit_codes.operator == Operator::In)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rules_then_policies() {
        let own = |policy: &str| {
            json!({
                "name": "c", "image": "i", "command": ["c"], "restartPolicy": policy,
                "restartPolicyRules": [
                    { "action": "RestartAllContainers",
                      "exitCodes": { "operator": "In", "values": [117] } },
                    { "action": "Restart", "exitCodes": { "operator": "NotIn", "values": [0, 3] } },
                ],
            })
        };
        let none = json!({ "name": "c", "image": "i", "command": ["c"] });
        let pod = RestartPolicy::Always;
        for (container, is_init, pod, code, expected) in [
            (own("Never"), false, pod, 117, Next::RestartsAll),
            (own("Never"), false, pod, 1, Next::Restarts),
            (own("Never"), false, pod, 3, Next::Stays),
            (own("OnFailure"), false, pod, 3, Next::Restarts),
            (own("OnFailure"), false, pod, 0, Next::Stays),
            (none.clone(), false, pod, 0, Next::Restarts),
            (none.clone(), true, pod, 0, Next::Stays),
            (none.clone(), true, pod, 1, Next::Restarts),
            (none, true, RestartPolicy::Never, 1, Next::Stays),
        ] {
            let container = serde_json::from_value(container).unwrap();
            assert_eq!(next(&container, is_init, pod, code), expected, "{code}");
        }
    }
}
