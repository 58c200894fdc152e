//! Who a container runs as, and what it may do.

use std::io;

use rustix::fs::Mode;
use rustix::process::umask;
use rustix::thread::{
    CapabilitySet, Gid, Uid, capabilities, capability_is_in_bounding_set,
    clear_ambient_capability_set, remove_capability_from_bounding_set, set_capabilities,
    set_no_new_privs, set_thread_groups, set_thread_res_gid, set_thread_res_uid,
};
use serde::{Deserialize, Serialize};

/// Who a container runs as, and what it may do.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::kubelet) struct Identity {
    pub(in crate::kubelet) user: u32,
    pub(in crate::kubelet) group: u32,
    /// `drop: [ALL]`. Otherwise it has what containerd gives by default.
    pub(in crate::kubelet) no_capabilities: bool,
    /// `allowPrivilegeEscalation: false`.
    pub(in crate::kubelet) no_new_privileges: bool,
}

/// What containerd gives a container that asks for nothing.
const BY_DEFAULT: CapabilitySet = CapabilitySet::AUDIT_WRITE
    .union(CapabilitySet::CHOWN)
    .union(CapabilitySet::DAC_OVERRIDE)
    .union(CapabilitySet::FOWNER)
    .union(CapabilitySet::FSETID)
    .union(CapabilitySet::KILL)
    .union(CapabilitySet::MKNOD)
    .union(CapabilitySet::NET_BIND_SERVICE)
    .union(CapabilitySet::NET_RAW)
    .union(CapabilitySet::SETFCAP)
    .union(CapabilitySet::SETGID)
    .union(CapabilitySet::SETPCAP)
    .union(CapabilitySet::SETUID)
    .union(CapabilitySet::SYS_CHROOT);

impl Identity {
    /// Becomes it, from root.
    pub(super) fn assume(&self) -> io::Result<()> {
        let kept = if self.no_capabilities {
            CapabilitySet::empty()
        } else {
            BY_DEFAULT
        };
        // What remains of the bounding set is what root gets at its next exec; other users get
        // nothing.
        for (_, capability) in CapabilitySet::all().difference(kept).iter_names() {
            // The kernel may not know the newest ones.
            if capability_is_in_bounding_set(capability).unwrap_or(false) {
                remove_capability_from_bounding_set(capability)?;
            }
        }
        clear_ambient_capability_set()?;
        let mut sets = capabilities(None)?;
        sets.inheritable = CapabilitySet::empty();
        set_capabilities(None, sets)?;

        let (user, group) = (Uid::from_raw(self.user), Gid::from_raw(self.group));
        set_thread_groups(&[group])?;
        set_thread_res_gid(group, group, group)?;
        set_thread_res_uid(user, user, user)?;
        if self.no_new_privileges {
            set_no_new_privs(true)?;
        }
        umask(Mode::WGRP | Mode::WOTH);
        Ok(())
    }
}
