//! How much a Score file may say.

/// The largest Score file, in bytes.
pub const FILE_LIMIT: usize = 64 * 1024;
/// The most containers.
pub const CONTAINER_LIMIT: usize = 10;
/// The most variables of one container.
pub const VARIABLE_LIMIT: usize = 200;
/// The most volumes of one container.
pub const MOUNT_LIMIT: usize = 20;
/// The most words of a command, of arguments, and of a probe's command.
pub const WORD_LIMIT: usize = 100;
/// The most headers of a probe.
pub const HEADER_LIMIT: usize = 20;
/// The most ports of the service.
pub const PORT_LIMIT: usize = 20;
/// The most resources.
pub const RESOURCE_LIMIT: usize = 20;
/// The longest name of a port, in bytes (`IANA_SVC_NAME` of Kubernetes).
pub const PORT_NAME_LIMIT: usize = 15;
/// The longest text of `metadata` that a placeholder can stand for, in bytes: many short placeholders must not
/// become a long text.
pub const METADATA_LIMIT: usize = 256;
/// The size of a volume that does not say one.
pub const VOLUME_SIZE: &str = "1Gi";
