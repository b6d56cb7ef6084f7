/** Software incident reports. */
import { type Grammar, list } from './grammar.ts';

export const incidents: Grammar = {
  topic: 'incidents',
  openings: [
    'At {00..23}:{00..59} UTC the {Service} began returning {error} for {4..60} percent of requests in {Region}.',
    'Customers in {Region} saw {symptom} between {00..11}:{00..59} and {12..23}:{00..59} UTC.',
    'A deploy of the {Service} at {00..23}:{00..59} UTC introduced {bug} and had to be rolled back.',
    'Root cause: {cause} in the {Service}, made worse by {cause}.',
    'On-call was paged at {00..23}:{00..59} when the error rate of the {Service} crossed {2..15} percent.',
    'This report covers the {severity} incident in which the {Service} lost {2..45} minutes of writes.',
    'Latency of the {Service} rose from {20..90} to {900..8000} milliseconds after {trigger}.',
    'A certificate used by the {Service} expired at {00..23}:00 UTC and {symptom} followed within seconds.',
    'During {trigger} the primary node of the {Store} stopped accepting connections.',
    'Alerting stayed silent for {9..70} minutes while the {Service} dropped messages from the {Queue}.',
    'The {Queue} reached {2..9} million unacknowledged messages before anyone noticed the stuck consumer.',
    'Summary: {trigger} exhausted {resource} on {3..40} hosts running the {Service}.',
    'We declared a {severity} incident at {00..23}:{00..59} UTC because of {symptom} in {Region}.',
    'A configuration change pushed to {Region} pointed the {Service} at {a:Store} that no longer existed.',
    'Failover of the {Store} took {4..38} minutes instead of the expected {20..50} seconds.',
    'Users reported {symptom} shortly after feature flag {flag} was enabled for everyone.',
    'An unbounded retry loop in the {Service} turned a brief network blip into {symptom}.',
  ],
  middles: [
    'The on-call engineer restarted {3..30} pods, which cleared {error} for only {2..12} minutes.',
    'Logs showed {error} from the {Store}, but the dashboard was still green.',
    'We rolled back to build {1000..9999} at {00..23}:{00..59} UTC and error rates returned to normal.',
    'The garbage collector paused for up to {2..19} seconds because {resource} was nearly exhausted.',
    'A missing index on the {table} table forced full scans of {2..80} million rows once traffic doubled.',
    'Replication lag on the {Store} grew to {40..900} seconds, so reads returned stale data.',
    'The circuit breaker in front of the {Store} did not open, since {error} was not counted as a failure.',
    'Rate limiting on the {Service} was raised from {100..500} to {600..2000} requests per second as a stopgap.',
    'Canary checks on the {Service} passed because they run without {condition}.',
    'The migration added a column to the {table} table and held an exclusive lock for {3..26} minutes.',
    'Thread dumps pointed at {cause} inside the client library, version {1..6}.{0..30}.{0..9}.',
    'No customer data was lost, although {12..97} thousand jobs had to be replayed from the {Queue}.',
    'Autoscaling added {6..60} instances, each of which opened {20..200} connections to the {Store}.',
    'The cache was cold after the restart, and every miss went straight to the {Store}.',
    'Traces revealed that {70..99} percent of the time was spent waiting for {resource}.',
    'A stale DNS record kept sending traffic from {Region} to the drained cluster.',
    'The runbook for the {Service} named a command that was removed {2..18} months ago.',
    'We paused the {Queue}, drained the backlog and resumed consumers one partition at a time.',
    'Memory usage climbed by {40..300} megabytes an hour until the kernel killed the process.',
    'The health check returned 200 although {resource} was gone, so the load balancer kept routing.',
    'Disabling flag {flag} in {Region} stopped the errors within {10..90} seconds.',
    'Because staging has nothing like {condition}, the test suite never exercised the failing path.',
    'Two shards of the {Store} elected themselves leader and accepted conflicting writes.',
    'The payload contained {bug}, and the {Service} entered an endless loop.',
    'Backups were intact, and point-in-time recovery of the {table} table took {15..95} minutes.',
    'Support received {30..400} tickets, most of them about {symptom}.',
    'The alert threshold had been raised to {20..60} percent in the {quarter} to reduce noise.',
    'Engineers traced the spike to {trigger} that nobody had announced.',
    'Commit {hex}{hex}{hex}{hex} had changed the default timeout from {5..30} seconds to {100..900} milliseconds.',
    'Connections leaked whenever {error} was raised before the transaction was closed.',
    'At the peak {1..9},{100..999} requests per second were rejected with {error}.',
    'Reverting was delayed because the deploy pipeline itself depends on the {Service}.',
    'A postmortem meeting found {cause} in {2..5} other services as well.',
    'Clients retried without jitter and hit the {Service} in waves every {10..60} seconds.',
  ],
  closings: [
    'Action item: add an alert on {resource} and review it with {team}.',
    'Follow-up: {team} will remove {cause} before the next release.',
    'Time to detect {3..50} minutes, time to mitigate {20..240} minutes.',
    'The incident was closed at {00..23}:{00..59} UTC after an hour without {error}.',
    'We apologise to everyone affected in {Region}.',
    'Owner of the remaining work is {team}, due in {2..6} weeks.',
    'Error budget for the {quarter} is now {5..60} percent consumed.',
    'A load test that reproduces {symptom} now runs nightly.',
    'The runbook for the {Service} has been corrected and now starts with a check of {resource}.',
    'Next steps: shorten the timeout, cap retries at {2..5}, and write down what {condition} changed.',
    'Service level for the month stands at {97..99}.{10..99} percent.',
    'Until the fix ships, {team} checks the {Queue} by hand every morning.',
  ],
  slots: {
    Service:
      list(`checkout API|login service|search gateway|billing worker|image resizer|notification service|
      session store|recommendation API|webhook dispatcher|metrics ingester|export service|identity proxy|
      inventory service|upload endpoint|scheduler|GraphQL gateway|mail relay|audit pipeline`),
    Store:
      list(`Postgres cluster|Redis cache|Elasticsearch index|Cassandra ring|object store|MySQL replica set|
      key-value store|configuration database|etcd cluster|time series database`),
    Queue:
      list(`order queue|mail queue|event bus|dead letter queue|ingest topic|thumbnail queue|billing topic|
      audit topic|retry queue`),
    Region: list(`eu-central|us-east|us-west|ap-south|eu-north|sa-east|the staging cluster|the Frankfurt zone|
      the Oregon zone|ap-northeast|the canary cell|all regions`),
    severity: list('SEV-1|SEV-2|SEV-3|priority one|customer-facing'),
    error:
      list(`HTTP 503|HTTP 500|HTTP 429|HTTP 504|connection reset by peer|deadline exceeded|OutOfMemoryError|
      deadlock detected|a null pointer exception|too many open files|TLS handshake timeout|broken pipe|
      unexpected end of JSON input|no route to host|checksum mismatch`),
    symptom:
      list(`failed logins|duplicate charges|empty search results|timeouts on every page|missing thumbnails|
      delayed emails|stale prices|slow dashboards|lost sessions|stuck uploads|a blank home page|
      webhooks delivered twice`),
    bug: list(`an off-by-one error in pagination|a race condition between two workers|an integer overflow|
      a null field nobody expected|a malformed UTF-8 header|a circular reference|a wrong time zone|
      a regression in the serializer|a memory leak|a swapped pair of arguments`),
    cause:
      list(`connection pool exhaustion|a retry storm|an unbounded cache|a missing timeout|lock contention|
      a misconfigured load balancer|clock skew|a leaked file handle|a poisoned cache entry|a bad feature flag default|
      thread starvation|a dependency upgrade|split brain|an expired token`),
    trigger: list(`a routine kernel upgrade|a marketing campaign|the nightly batch import|a schema migration|
      a rolling restart|the rotation of credentials|a node replacement|a traffic shift|a bot crawl|
      an index rebuild|a failed disk|a partial network outage|the quarterly failover drill`),
    resource:
      list(`the connection pool|disk space|ephemeral ports|the thread pool|file descriptors|heap memory|
      CPU quota|the write-ahead log|inodes|network bandwidth|the lease on the lock`),
    table: list('orders|sessions|invoices|accounts|events|permissions|shipments|audit log|subscriptions'),
    condition:
      list(`TLS between services|production traffic|a full cache|more than one shard|real user agents|
      the legacy header|read replicas|concurrent writers|rate limits`),
    flag: list(`fast-checkout|new-parser|async-export|lazy-hydration|batch-writes|edge-cache|strict-schema|
      parallel-sync|v2-router`),
    quarter: list('first quarter|second quarter|third quarter|fourth quarter'),
    team: list(
      'the platform team|the storage team|the payments team|the reliability team|the search team|the mobile team',
    ),
    hex: list(
      '0a|1f|2c|3e|4b|5d|6f|77|8c|9a|a3|b8|c1|d4|e7|f2|08|1b|29|3d|46|52|6a|7e|85|9c|ad|be|c9|d0|e1|fb',
    ),
  },
};
