//! What a service says in the words of Compose or of Kubernetes: only what the language has no word for, and nothing that takes the
//! hardening away.

use super::resolve::Resolver;
use crate::diagnostics::nearest;
use crate::key_path::KeyPath;
use crate::profile::model;
use crate::target_words::{Language, compose, kubernetes};
use crate::values::{AnnotationName, EnvText, Named, PatchTarget, ServiceName};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// What pods have in Kubernetes' own words.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PodEscape {
    /// Of a pod's `spec`.
    pub pod: Map<String, Value>,
    /// Annotations of the pod.
    pub annotations: Vec<(String, String)>,
}

/// Keys of a target's own, as they are written.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Escape {
    /// Of Compose's service, but for its labels.
    pub compose: Map<String, Value>,
    /// Labels on Compose.
    pub labels: Vec<(String, String)>,
    /// Of its pods.
    pub pods: PodEscape,
    /// Of their container.
    pub container: Map<String, Value>,
}

/// The longest name below a key: YAML has a limit for what stands before a colon.
const LONGEST: usize = 253;

/// What gives rights wherever it stands.
const RIGHTS: [&str; 10] =
    ["privileged", "allowPrivilegeEscalation", "capabilities", "procMount", "hostPath", "hostPort", "hostNetwork", "hostPID", "hostIPC", "hostUsers"];

/// A pod's spec whose further containers have what the restricted Pod Security Standard asks of each.
fn guarded(mut pod: Map<String, Value>) -> Map<String, Value> {
    let containers = pod.get_mut("initContainers").and_then(Value::as_array_mut);
    for container in containers.into_iter().flatten().filter_map(Value::as_object_mut) {
        let guards = json!({"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]}});
        let context = container.entry("securityContext").or_insert_with(|| json!({}));
        if let (Some(context), Value::Object(guards)) = (context.as_object_mut(), guards) {
            for (key, value) in guards {
                context.entry(key).or_insert(value);
            }
        }
    }
    pod
}

impl Resolver<'_> {
    pub(super) fn escape(&mut self, name: &ServiceName, written: &model::Service) -> Escape {
        let root = KeyPath::of(&["services", name.as_str()]);
        let (compose, kubernetes) = (&written.compose.0, &written.kubernetes);
        self.speaks(&root.key("compose"), compose, &compose::LANGUAGE);
        let pods = self.pods(&root.key("kubernetes"), &kubernetes.pod.0, &kubernetes.annotations);
        self.speaks(&root.key("kubernetes").key("container"), &kubernetes.container.0, &kubernetes::CONTAINER);
        let mut compose = compose.clone();
        let labels = compose.shift_remove("labels").map(|labels| self.labels(&root.key("compose").key("labels"), &labels)).unwrap_or_default();
        Escape { compose, labels, pods, container: kubernetes.container.0.clone() }
    }

    /// The same of a server.
    pub(super) fn server_escape(&mut self, name: &ServiceName, written: &model::ServerEscape) -> PodEscape {
        let at = KeyPath::of(&["backing_services", name.as_str(), "kubernetes"]);
        self.pods(&at, &written.pod.0, &written.annotations)
    }

    fn pods(&mut self, at: &KeyPath, pod: &Map<String, Value>, annotations: &Named<AnnotationName, EnvText>) -> PodEscape {
        self.speaks(&at.key("pod"), pod, &kubernetes::POD);
        for name in annotations.keys().filter(|name| ["apparmor", "seccomp"].iter().any(|guard| name.as_str().contains(guard))) {
            self.gives_rights(&at.key("annotations").key(name.as_str()), name.as_str());
        }
        let annotations = annotations.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        PodEscape { pod: guarded(pod.clone()), annotations }
    }

    /// Refuses the keys that the target has not, that the profile says itself, and that give rights.
    fn speaks(&mut self, path: &KeyPath, map: &Map<String, Value>, language: &Language) {
        for (key, value) in map {
            let at = path.key(key.as_str());
            let own = language.own.iter().find(|(known, _)| known == key);
            if language.rights.contains(&key.as_str()) {
                self.gives_rights(&at, key);
            } else if let Some((_, instead)) = own {
                let message = format!("`{key}` follows from the rest of the profile");
                self.error("misplaced-key", &at, message, "not written here", instead);
            } else if let Some((_, kinds)) = language.open.iter().find(|(known, _)| known == key) {
                if !kinds.contains(kind(value)) {
                    let wanted: Vec<&str> = kinds.chars().map(in_words).collect();
                    let message = format!("`{at}` must be {}, not {}", wanted.join(" or "), in_words(kind(value)));
                    self.error("wrong-type", &at, message, "another kind of value", &format!("write {}", wanted.join(" or ")));
                }
                self.is_harmless(&at, value);
            } else {
                let known = language.open.iter().map(|(known, _)| *known);
                let help = match nearest(key, known.clone()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there are: {}", known.collect::<Vec<_>>().join(", ")),
                };
                let message = format!("`{}` is no key of {} that can be written here", key.escape_debug(), language.of);
                let place = self.origins.key_place(&at);
                self.errors.push(crate::diagnostics::Diagnostic::error("unknown-key", message).at(at).label(place, "unknown key").help(help));
            }
        }
    }

    /// Refuses of a patch what would be refused at a service, wherever it stands.
    pub(super) fn patch_is_harmless(&mut self, path: &KeyPath, target: &PatchTarget, map: &Map<String, Value>) {
        self.has_no_rights(path, target, &Value::Object(map.clone()));
        self.is_harmless(path, &Value::Object(map.clone()));
    }

    fn has_no_rights(&mut self, path: &KeyPath, target: &PatchTarget, value: &Value) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    let at = path.key(key.as_str());
                    if self.guards(target, key) && !RIGHTS.contains(&key.as_str()) {
                        self.gives_rights(&at, key);
                    } else {
                        self.has_no_rights(&at, target, value);
                    }
                }
            }
            Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| self.has_no_rights(&path.index(index), target, item)),
            _ => {}
        }
    }

    /// True for a key that keeps a container in its place.
    #[allow(clippy::unused_self, reason = "it reads like its neighbours")]
    pub(super) fn guards(&self, target: &PatchTarget, key: &str) -> bool {
        // Merged with what is there it would not be seen: an anchor stands for it.
        let own: &[&[&str]] = match target.parts().0 {
            "compose" => &[compose::LANGUAGE.rights, &["read_only", "volumes", "volumes_from", "extends", "device", "<<"]],
            _ => &[kubernetes::POD.rights, &["securityContext", "runAsUser", "runAsNonRoot", "readOnlyRootFilesystem", "seccompProfile", "<<"]],
        };
        RIGHTS.contains(&key) || own.iter().any(|keys| keys.contains(&key))
    }

    pub(super) fn takes_guard(&mut self, at: &KeyPath, key: &str) {
        let message = format!("without `{key}` a container has rights over its host or its neighbours");
        self.error("rights-over-the-host", at, message, "never removed", "leave it, or run what needs to be without it apart from this deployment");
    }

    fn gives_rights(&mut self, at: &KeyPath, key: &str) {
        let message = format!("`{key}` gives a container rights over its host or its neighbours");
        self.error("rights-over-the-host", at, message, "never given", "do without it, or run what needs it apart from this deployment");
    }

    /// Looks at everything below a key that may be written.
    fn is_harmless(&mut self, at: &KeyPath, value: &Value) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    let below = at.key(key.as_str());
                    if key.is_empty() || key.len() > LONGEST || key.contains(|c: char| !(' '..='~').contains(&c)) {
                        let short: String = key.chars().take(40).collect();
                        let message = format!("`{}` cannot be a name in `{at}`", short.escape_debug());
                        self.error("invalid-name", &below, message, "this one", "use at most 253 letters, digits and signs of ASCII");
                    } else if RIGHTS.contains(&key.as_str()) {
                        self.gives_rights(&below, key);
                    } else {
                        self.is_harmless(&below, value);
                    }
                }
            }
            Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| self.is_harmless(&at.index(index), item)),
            Value::String(text) if text.contains('\0') => {
                self.error("invalid-value", at, format!("`{at}` has a NUL character"), "no file holds it", "leave the character out");
            }
            Value::String(text) => self.has_no_socket(at, text),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Labels are a map of texts.
    fn labels(&mut self, path: &KeyPath, labels: &Value) -> Vec<(String, String)> {
        let mut list = Vec::new();
        for (name, value) in labels.as_object().into_iter().flatten() {
            let at = path.key(name.as_str());
            let Value::String(text) = value else {
                self.error("wrong-type", &at, format!("`{at}` must be text"), "this is something else", "write it in quotes");
                continue;
            };
            if ["com.docker.", "infragen."].iter().any(|own| name.starts_with(own)) {
                let message = format!("`{}` is no label of a user's", name.escape_debug());
                self.error("invalid-name", &at, message, "taken", "use a name of your own, such as `com.example.team`");
            }
            list.push((name.clone(), text.clone()));
        }
        list
    }
}

fn kind(value: &Value) -> char {
    match value {
        Value::String(_) | Value::Null => 's',
        Value::Number(_) => 'n',
        Value::Bool(_) => 'b',
        Value::Array(_) => 'l',
        Value::Object(_) => 'm',
    }
}

fn in_words(kind: char) -> &'static str {
    match kind {
        'n' => "a number",
        'b' => "`true` or `false`",
        'l' => "a list",
        'm' => "a map",
        _ => "text",
    }
}
