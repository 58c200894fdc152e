//! What the kernel takes, and how much an author, a server or a file may cost.
//!
//! Every reader takes its bounds from here; `fuzz/targets/tests/bounds.rs` walks them all.

pub mod templates;

/// `MAX_ARG_STRLEN`: longest single argument or `NAME=VALUE`, its NUL included (32 pages).
pub const LONGEST_STRING: usize = 128 * 1024;

// --- Pods, as their authors write them -------------------------------------------------------------

/// Bytes of all annotations of a pod, keys and values (`TotalAnnotationSizeLimitB` of
/// `k8s.io/apimachinery/pkg/api/validation`): the API server rejects a pod with more.
pub const POD_ANNOTATIONS: usize = 256 * 1024;

/// Elements of `containers`, and of `initContainers`, that are read. A larger pod is left alone, or
/// rejected where it has a sign of tokenpipe. etcd takes objects of 1.5 MiB, in which so many fit
/// only if each has fewer than 800 bytes on either list.
pub const POD_CONTAINERS: usize = 1000;

/// Containers of an injected pod. Kubernetes has no limit of its own, and no pod has nearly as
/// many: each gets settings, a volume and a mount.
pub const INJECTED_CONTAINERS: usize = 500;

/// Elements of any other list or map of a pod: `env`, `envFrom`, `volumes`, `volumeMounts`, words of
/// `command` and `args`, labels. The largest pods that are known have a thousand variables.
pub const POD_LIST: usize = 10_000;

/// Elements of all such lists of a pod's containers, or init containers, together. An object of
/// etcd's 1.5 MiB has fewer: a variable takes 30 bytes.
pub const POD_ELEMENTS: usize = 50_000;

/// Work for the decision about one pod. A unit is about one byte that is looked at; whatever costs
/// more is charged by what it costs. The API server's largest object of 3 MiB costs 6 million units
/// where it has no reference; all of it takes less than half a second on a slow core.
pub const DECISION_WORK: usize = 32 * 1024 * 1024;

/// Work for one reference, beside its bytes: it is parsed, kept and written again.
pub const REFERENCE_WORK: usize = 256;

// --- Annotations -----------------------------------------------------------------------------------

/// Bytes of an annotation whose value is a list: it becomes a part of the settings, and those are
/// one string for the kernel.
pub const ANNOTATION_LIST: usize = LONGEST_STRING;

/// Different entries of such a list. Kubernetes' largest objects have fewer names to list.
pub const ANNOTATION_ENTRIES: usize = 4096;

/// Bytes of `auth-config`. The largest method has a dozen settings, the longest value is a PEM
/// certificate.
pub const AUTH_CONFIG: usize = 64 * 1024;

// --- Messages --------------------------------------------------------------------------------------

/// Problems, or warnings, that one message names; the rest is counted.
pub const MESSAGE_PROBLEMS: usize = 20;

/// Bytes of a message. The API server passes on 4 KiB of warnings, and a terminal shows no more.
pub const MESSAGE_BYTES: usize = 4096;

/// Known words that an unknown one is compared with for "did you mean".
pub const SUGGESTION_CANDIDATES: usize = 1000;

// --- Files of the operator and of whoever runs the offline tools ------------------------------------

/// Bytes of the configuration file: a ConfigMap holds no more.
pub const CONFIGURATION_FILE: usize = 1024 * 1024;

/// Bytes of the input of `tokenpipe render`, `migrate` and `template`: a whole cluster's workloads.
pub const MANIFEST_FILE: usize = 32 * 1024 * 1024;

/// Levels of maps and lists in one document that `tokenpipe render` reads. The deepest schemas of
/// custom resources have about fifty, and `serde_json` reads no more.
pub const MANIFEST_DEPTH: usize = 120;

/// Bytes that the aliases of one document repeat, as `tokenpipe render` counts them: as much again as
/// the largest file.
pub const MANIFEST_ALIASES: usize = MANIFEST_FILE;

/// Objects that one warning of `tokenpipe render` names; the rest is counted.
pub const WARNING_OBJECTS: usize = 10;

/// Lines of one map that `tokenpipe migrate` lets become the same key, under conditions of Helm's
/// that exclude each other.
pub const MANIFEST_ALTERNATIVES: usize = 64;

/// Depth to which `tokenpipe migrate` tells branches of Helm's apart.
pub const MANIFEST_BRANCHES: usize = 64;

// --- `tokenpipe serve` -----------------------------------------------------------------------------

// What clients can make the process use at once, at the default of 1,024 connections, in MiB:
//
//      20  the program itself
//     100  connections: each 100 KiB, of TLS, a head, pieces that are read and written
//      48  REVIEWS_FIRST_BYTES
//      32  REVIEWS_FURTHER_BYTES
//     160  ten times DECIDED_BYTES
//     360  which is less than the 384 that the chart gives it

/// Bytes of the head of a request. The API server's have less than a thousand, and with a token 4 KiB.
pub const REQUEST_HEAD: usize = 16 * 1024;

/// Bytes that are read from, or written to, a connection at a time, as many as a TLS record has. actix-http
/// has room for two such pieces in each direction, which a connection keeps.
pub const WIRE_PIECE: usize = 16 * 1024;

/// Bytes of each review and its answer that come from [`REVIEWS_FIRST_BYTES`]: those of a pod of ten
/// containers with a hundred variables each.
pub const REVIEW_FIRST_BYTES: usize = 48 * 1024;

/// The first bytes of all reviews and answers that are held at once: there is room for each of 1,024
/// connections, so that a usual review does not wait for any other.
pub const REVIEWS_FIRST_BYTES: usize = 1024 * REVIEW_FIRST_BYTES;

/// What is held of all reviews and answers beyond those.
pub const REVIEWS_FURTHER_BYTES: usize = 32 * 1024 * 1024;

/// Bytes that a large review gets room for at a time, when the former have come.
pub const REVIEW_PIECE: usize = 64 * 1024;

/// Bytes of reviews that are being decided at once. A decision takes up to ten times the bytes of
/// its review, for the view of the pod, the plan, the patch and the answer.
pub const DECIDED_BYTES: usize = 16 * 1024 * 1024;

/// Bytes of `request.uid`, which every answer repeats. Kubernetes' are UUIDs, of 36.
pub const REQUEST_UID: usize = 128;

/// Seconds after which a decision counts as stuck, and the replica as not ready. The slowest one
/// takes less than a second.
pub const DECISION_SLOW_SECONDS: u64 = 3;

/// Seconds after which a stuck decision makes liveness fail, so that kubelet restarts the replica.
/// The API server gives up after 5 (the chart's `webhook.timeoutSeconds`).
pub const DECISION_STUCK_SECONDS: u64 = 10;

/// Largest `server.clientCaFile` in bytes: some dozens of certificates, where an API server needs one
/// authority, or two while that is exchanged.
pub const CLIENT_CA_BYTES: u64 = 256 * 1024;

// --- Answers of Vault to one start of env-exec ----------------------------------------------------

/// Bytes of all answers that a start keeps. An environment takes 6 MiB, and Vault stores secrets of up to
/// 1 MiB.
pub const ANSWERS_BYTES: usize = 8 * 1024 * 1024;

/// JSON values and names in all answers of a start. In memory each costs up to a hundred bytes beside its
/// own; a secret of 1 MiB has so many only where they are of one byte.
pub const ANSWERS_ELEMENTS: usize = 512 * 1024;

/// Bytes of an answer that is an error. What is longer is a page of something in front of Vault, and is
/// taken for one without text.
pub const ERROR_ANSWER_BYTES: usize = 64 * 1024;

// --- What env-exec takes out of its reports -------------------------------------------------------

/// Bytes of tokens, keys and passwords that one env-exec takes out of what it reports. The largest
/// pair of token and client key has 160 KiB. Beyond it foreign words are withheld.
pub const REDACTED_CREDENTIALS: usize = 1024 * 1024;

/// Bytes of values of Vault's that one env-exec takes out of foreign words. An environment takes
/// 6 MiB at most. Beyond it foreign words are withheld.
pub const REDACTED_VALUES: usize = 8 * 1024 * 1024;

/// Bytes of such values that one env-exec looks at, over all its reports: about a second of work.
/// Beyond it foreign words are withheld.
pub const REDACTED_WORK: usize = 32 * 1024 * 1024;
