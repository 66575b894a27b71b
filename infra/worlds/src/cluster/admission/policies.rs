//! Validating admission policies, in force once a policy and a binding of it are in the cluster.

use serde_json::Value;

use crate::cluster::kinds::{Kind, NAMESPACE, POLICY_BINDING, POLICY_OBJECT};
use crate::cluster::object;
use crate::cluster::refusal::Refusal;
use crate::cluster::settings::User;
use crate::cluster::store::Store;
use crate::given::fence::{self, Write};

/// Whether every policy lets `user` write `new` (nothing where it deletes) over `old`.
pub(in crate::cluster) fn check(
    store: &Store,
    user: &User,
    kind: &Kind,
    old: Option<&Value>,
    new: Option<&Value>,
) -> Result<(), Refusal> {
    let Some(object) = new.or(old) else { return Ok(()) };
    let namespace = store.get(&NAMESPACE, "", object::namespace(object)).map(|namespace| &**namespace);
    let write = Write { user: &user.name, kind: kind.kind, namespace, old, new };
    for binding in store.list(&POLICY_BINDING, None) {
        let name = object::text(binding, "/spec/policyName");
        let Some(policy) = store.get(&POLICY_OBJECT, "", name) else { continue };
        let Some(rule) = fence::refuses(name, write) else { continue };
        let rule = &policy["spec"]["validations"][rule];
        let (binding, message) = (object::name(binding), object::text(rule, "/message"));
        let why =
            format!("ValidatingAdmissionPolicy '{name}' with binding '{binding}' denied request: {message}");
        return Err(Refusal::by_policy(kind, object::name(object), object::text(rule, "/reason"), &why));
    }
    Ok(())
}
