//! Every default of the profile language, in one place.

use crate::values::{Cpu, Duration, Size};

pub const LOG_SIZE: Size = Size::mib(50);
pub const LOG_FILES: u32 = 5;

pub const DEVELOPMENT_TAG: &str = "development";
pub const UV_VERSION: &str = "0.13.9";
pub const POETRY_VERSION: &str = "2.5.1";

pub const SERVICE_CPU: Cpu = Cpu::millis(1000);
pub const SERVICE_MEMORY: Size = Size::mib(512);
/// What a container asks for that says nothing and is in no profile: a tenth of its limit, as services do.
pub const GUEST_CPU: Cpu = Cpu::millis(100);
pub const USER: &str = "10001:10001";
pub const VOLUME: Size = Size::mib(1024);
/// Percent of the requested CPU.
pub const AUTOSCALE_CPU: u32 = 70;
pub const TMP_SIZE: Size = Size::mib(64);
/// Bodies of the largest size that find room in a service's `/tmp` at a time: frameworks put what is larger than a MiB or so into files there.
pub const SERVICE_BODIES: u64 = 4;
/// What container engines give by themselves.
pub const STOP_GRACE: Duration = Duration::seconds(10);
/// Of a run by a schedule, of a backup and of a restoration: one that hangs would hold back all that follow.
pub const CRON_DEADLINE: Duration = Duration::seconds(86_400);
/// A deployment waits for it, with every try.
pub const RELEASE_DEADLINE: Duration = Duration::seconds(1800);
/// What a worker has begun is ended, or lost: tasks take longer than requests.
pub const WORKER_STOP_GRACE: Duration = Duration::seconds(60);
pub const SERVICE_PIDS: u32 = 256;
/// Threads count, too: the pools of asyncio and of AnyIO come to more than sixty in one process.
pub const PROCESS_PIDS: u32 = 80;
/// Connections of one process: SQLAlchemy keeps 5, and up to 10 more.
pub const POOL: u32 = 15;
/// So many at least: one can be replaced while the other serves.
pub const WORKERS_LEAST: u32 = 2;
/// Requests that a worker of WSGI takes at a time: most of them wait for a database.
pub const WSGI_THREADS: u32 = 4;
/// What a worker process has to have of the container's memory.
pub const WORKER_MEMORY: Size = Size::mib(128);

pub const HEALTH_INTERVAL: Duration = Duration::seconds(10);
pub const HEALTH_TIMEOUT: Duration = Duration::seconds(5);
pub const HEALTH_RETRIES: u32 = 3;
pub const HEALTH_START_PERIOD: Duration = Duration::seconds(60);

pub const GUNICORN_TIMEOUT: Duration = Duration::seconds(60);
pub const GUNICORN_GRACEFUL_TIMEOUT: Duration = Duration::seconds(30);

/// After a crash a server replays its log, or reads all of its data, before it answers. The first success ends it.
pub const STORE_START_PERIOD: Duration = Duration::seconds(600);

pub const POSTGRES_STORAGE: Size = Size::mib(10 * 1024);
/// `superuser_reserved_connections`, as PostgreSQL has it.
pub const POSTGRES_RESERVED: u32 = 3;
/// For people, backups and whoever looks at the server's health.
pub const POSTGRES_SPARE: u32 = 10;
/// What a profile may say, too. Beyond it a pooler is needed.
pub const POSTGRES_MOST: u32 = 10_000;
/// What a connection takes for itself once it has seen the whole schema.
pub const POSTGRES_CONNECTION: Size = Size::mib(4);
pub const POSTGRES_CPU: Cpu = Cpu::millis(1000);
pub const POSTGRES_MEMORY: Size = Size::mib(1024);
pub const POSTGRES_PORT: u16 = 5432;
pub const POSTGRES_USER: &str = "999:999";
pub const POSTGRES_PIDS: u32 = 256;
pub const POSTGRES_HELPERS: u32 = 64;
/// A fast shutdown ends with a checkpoint.
pub const POSTGRES_STOP_GRACE: Duration = Duration::seconds(120);

pub const BACKUPS: u32 = 14;
pub const BACKUP_CPU: Cpu = Cpu::millis(100);
/// It reads and writes streams; the definitions of very many tables take some.
pub const BACKUP_MEMORY: Size = Size::mib(256);
pub const BACKUP_PIDS: u32 = 32;

pub const REDIS_MEMORY: Size = Size::mib(256);
pub const REDIS_CPU: Cpu = Cpu::millis(500);
pub const REDIS_PORT: u16 = 6379;
pub const REDIS_USER: &str = "999:1000";
pub const REDIS_PIDS: u32 = 32;
/// What is not on the disk yet is written.
pub const REDIS_STOP_GRACE: Duration = Duration::seconds(60);

/// Servers on a virtual machine of their own start hundreds of threads.
pub const CONTAINER_PIDS: u32 = 2048;
pub const CONTAINER_STOP_GRACE: Duration = Duration::seconds(60);

pub const APPLICATION_SECTION: &str = "Application";
pub const SECURITY_SECTION: &str = "Security";
/// Worker processes of Gunicorn, read by the configuration in the image. Not `WEB_CONCURRENCY`, which may not be empty.
pub const WORKERS_VARIABLE: &str = "GUNICORN_WORKERS";
/// What that configuration reads, the first that is set.
pub const WORKERS_VARIABLES: [&str; 2] = [WORKERS_VARIABLE, "WEB_CONCURRENCY"];
pub const WORKERS_SECTION: &str = "Workers";
pub const LOGGING_SECTION: &str = "Logging";
pub const MONITORING_SECTION: &str = "Monitoring";
pub const HOST_SECTION: &str = "This host";
pub const SECRET_LENGTH: u32 = 32;
pub const SECRET_MIN_LENGTH: u32 = 16;

pub const EDGE_USER: &str = "101:101";
/// One has its CPU, the other serves while the first is busy with TLS.
pub const EDGE_WORKERS: u32 = 2;
pub const EDGE_CPU: Cpu = Cpu::millis(1000);
pub const EDGE_MEMORY: Size = Size::mib(128);
/// In memory: room for as many of the largest bodies at once as the two processes may sensibly hold.
pub const EDGE_BODIES: u64 = 8;
pub const EDGE_SCRATCH: Size = Size::mib(64);
pub const EDGE_PIDS: u32 = 64;
pub const EDGE_SHUTDOWN: Duration = Duration::seconds(30);
pub const BODY_SIZE: Size = Size::mib(2);
pub const EDGE_TIMEOUT: Duration = Duration::seconds(60);
/// The proxy waits longer than the application, so that the application's own error is seen.
pub const EDGE_TIMEOUT_MARGIN: Duration = Duration::seconds(5);
/// Sockets wait for something to happen.
pub const WEBSOCKET_TIMEOUT: Duration = Duration::seconds(3600);
pub const HSTS: Duration = Duration::seconds(730 * 86_400);
pub const FILES_CACHE: Duration = Duration::seconds(3600);

pub const CERTBOT_VERSION: &str = "v5.8.0";
pub const ACME_DIRECTORY: &str = "https://acme-v02.api.letsencrypt.org/directory";
pub const ACME_CPU: Cpu = Cpu::millis(500);
pub const ACME_MEMORY: Size = Size::mib(192);
pub const ACME_SCRATCH: Size = Size::mib(16);
pub const ACME_PIDS: u32 = 32;

pub const HTTP_PORT: u16 = 80;
pub const HTTPS_PORT: u16 = 443;
/// The newest version of nginx that was tried.
pub const NGINX_VERSION: &str = "1.30";
pub const NGINX_OLDEST: [u32; 3] = [1, 26, 0];
pub const KUBERNETES_VERSION: &str = "1.34";
pub const KUBERNETES_OLDEST: [u32; 3] = [1, 30, 0];
/// The number behind `1.` of the newest version whose schemas the manifests are held against.
pub const KUBERNETES_NEWEST: u32 = 37;
pub const DNS_NAMESPACE: &str = "kube-system";
pub const DNS_PORT: u16 = 53;
pub const INGRESS_CLASS: &str = "nginx";
