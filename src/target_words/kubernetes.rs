//! The keys of a pod and of its container.

use super::Language;

/// See [`Language`].
pub const POD: Language = Language {
    of: "a pod",
    open: &[
        ("affinity", "m"),
        ("dnsConfig", "m"),
        ("dnsPolicy", "s"),
        ("hostAliases", "l"),
        ("imagePullSecrets", "l"),
        ("initContainers", "l"),
        ("nodeName", "s"),
        ("nodeSelector", "m"),
        ("overhead", "m"),
        ("preemptionPolicy", "s"),
        ("priorityClassName", "s"),
        ("readinessGates", "l"),
        ("resourceClaims", "l"),
        ("runtimeClassName", "s"),
        ("schedulerName", "s"),
        ("schedulingGates", "l"),
        ("setHostnameAsFQDN", "b"),
        ("shareProcessNamespace", "b"),
        ("subdomain", "s"),
        ("tolerations", "l"),
    ],
    own: &[
        ("activeDeadlineSeconds", "remove it: it follows from `kind`"),
        ("automountServiceAccountToken", "remove it: no service asks the API server"),
        ("containers", "say `container` beside `pod`; a helper beside it is one of `initContainers` with `restartPolicy: Always`"),
        ("enableServiceLinks", "remove it: those variables get in the way of the service's own"),
        ("hostname", "say `hostname` at the service"),
        ("restartPolicy", "remove it: it follows from `kind`"),
        ("securityContext", "say `user` at the service"),
        ("serviceAccount", "remove it: each service has an account of its own"),
        ("serviceAccountName", "remove it: each service has an account of its own"),
        ("terminationGracePeriodSeconds", "say `stop_grace` at the service"),
        ("topologySpreadConstraints", "remove it: they follow from `replicas`"),
        ("volumes", "say `volumes`, `files` or `tmpfs` at the service"),
    ],
    rights: &["ephemeralContainers", "hostIPC", "hostNetwork", "hostPID", "hostUsers"],
};

/// See [`Language`].
pub const CONTAINER: Language = Language {
    of: "a container of Kubernetes",
    open: &[
        ("resizePolicy", "l"),
        ("stdin", "b"),
        ("stdinOnce", "b"),
        ("terminationMessagePath", "s"),
        ("terminationMessagePolicy", "s"),
        ("tty", "b"),
        ("workingDir", "s"),
    ],
    own: &[
        ("args", "say `command` at the service"),
        ("command", "say `entrypoint` at the service"),
        ("env", "say `env` at the service"),
        ("envFrom", "say `env_from` at the service"),
        ("image", "say `image` at the service"),
        ("imagePullPolicy", "remove it: tags are never moved"),
        ("lifecycle", "say `stop_grace` at the service"),
        ("livenessProbe", "say `health.live` or `health.live_command` at the service"),
        ("name", "remove it: it is the service's name"),
        ("ports", "say `port` or `ports` at the service"),
        ("readinessProbe", "say `health` at the service"),
        ("resources", "say `resources` at the service"),
        ("startupProbe", "say `health` at the service"),
        ("volumeMounts", "say `volumes`, `files` or `tmpfs` at the service"),
    ],
    rights: &["restartPolicy", "securityContext", "volumeDevices"],
};
