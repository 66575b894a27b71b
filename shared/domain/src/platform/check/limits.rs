//! How much a platform file may say.

use jiff::SignedDuration;

/// The largest platform file, in bytes: it is stored in one row (DynamoDB's item limit is 400 KB).
pub const FILE_LIMIT: usize = 256 * 1024;
/// The most registries.
pub const REGISTRY_LIMIT: usize = 50;
/// The most clusters.
pub const CLUSTER_LIMIT: usize = 50;
/// The most clusters that a type's environments run in.
pub const TYPE_CLUSTER_LIMIT: usize = 10;
/// The most platforms that the machines of one cluster are of.
pub const PLATFORM_LIMIT: usize = 5;
/// The most environment types.
pub const TYPE_LIMIT: usize = 50;
/// The most applications.
pub const APPLICATION_LIMIT: usize = 500;
/// The most workloads of one application.
pub const WORKLOAD_LIMIT: usize = 20;
/// The most standing environments of one application.
pub const STANDING_LIMIT: usize = 100;
/// The most tag templates of one workload.
pub const TEMPLATE_COUNT_LIMIT: usize = 5;
/// The most rights of one application, and the most people that one right names.
pub const RIGHT_LIMIT: usize = 100;
/// The most environments that a type may allow one application.
pub const ENVIRONMENT_LIMIT: u32 = 500;
/// The most pods that a type may allow one environment.
pub const POD_LIMIT: u32 = 500;
/// The longest domain of an entrance, in bytes: a DNS name has 253, and a label of 63 and a dot come before it.
pub const DOMAIN_LIMIT: usize = 253 - 64;
/// The longest path of a Score file, in bytes.
pub const PATH_LIMIT: usize = 255;
/// The longest name of a branch, in bytes.
pub const BRANCH_LIMIT: usize = 255;
/// The longest that images may be waited for.
pub const WAIT_LIMIT: SignedDuration = SignedDuration::from_hours(1);
/// The shortest deadline of a deployment.
pub const DEADLINE_MINIMUM: SignedDuration = SignedDuration::from_mins(1);
/// The longest deadline of a deployment.
pub const DEADLINE_LIMIT: SignedDuration = SignedDuration::from_hours(6);
/// The shortest lifetime of an environment.
pub const LIFETIME_MINIMUM: SignedDuration = SignedDuration::from_mins(5);
/// How long a preview lives when its type does not say.
pub const PREVIEW_LIFETIME: SignedDuration = SignedDuration::from_hours(7 * 24);
