/**
 * The second, legacy envelope of tweet events: Thrift binary protocol, a bare struct. It was never
 * published; this definition is the project's own.
 */

include "tweet_event.thrift"

namespace js thunder.thrift
namespace py thunder_thrift_event

struct Event {
  /** What kind of event it is; not read. */
  1: string type
  /** Milliseconds since the Unix epoch; not read. */
  2: i64 timestamp_ms
  3: optional tweet_event.TweetEvent tweet_event
}
