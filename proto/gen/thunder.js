/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/minimal.js";

// Common aliases
const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError, $TypeError = $util.global.TypeError, $Number = $util.global.Number, $parseInt = $util.global.parseInt, $Boolean = $util.global.Boolean, $String = $util.global.String, $BigInt = $util.global.BigInt, $Array = $util.global.Array;

// Exported root namespace
const $root = $protobuf.roots["default"] || ($protobuf.roots["default"] = {});

export const thunder = $root.thunder = (() => {

    /**
     * Namespace thunder.
     * @exports thunder
     * @namespace
     */
    const thunder = {};

    thunder.v1 = (function() {

        /**
         * Namespace v1.
         * @memberof thunder
         * @namespace
         */
        const v1 = {};

        v1.InNetworkEvent = (function() {

            /**
             * Properties of an InNetworkEvent.
             * @typedef {Object} thunder.v1.InNetworkEvent.$Properties
             * @property {thunder.v1.TweetCreateEvent.$Properties|null} [tweetCreateEvent] InNetworkEvent tweetCreateEvent
             * @property {thunder.v1.TweetDeleteEvent.$Properties|null} [tweetDeleteEvent] InNetworkEvent tweetDeleteEvent
             * @property {"tweetCreateEvent"|"tweetDeleteEvent"} [eventVariant] InNetworkEvent eventVariant
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of an InNetworkEvent.
             * @memberof thunder.v1
             * @interface IInNetworkEvent
             * @augments thunder.v1.InNetworkEvent.$Properties
             * @deprecated Use thunder.v1.InNetworkEvent.$Properties instead.
             */

            /**
             * Narrowed shape of an InNetworkEvent.
             * @typedef {{
             *   tweetCreateEvent?: thunder.v1.TweetCreateEvent.$Shape|null;
             *   tweetDeleteEvent?: thunder.v1.TweetDeleteEvent.$Shape|null;
             *   $unknowns?: Array.<Uint8Array>;
             * } & (
             *   ({ eventVariant?: undefined; tweetCreateEvent?: null; tweetDeleteEvent?: null }|{ eventVariant?: "tweetCreateEvent"; tweetCreateEvent: thunder.v1.TweetCreateEvent.$Shape; tweetDeleteEvent?: null }|{ eventVariant?: "tweetDeleteEvent"; tweetCreateEvent?: null; tweetDeleteEvent: thunder.v1.TweetDeleteEvent.$Shape })
             * )} thunder.v1.InNetworkEvent.$Shape
             */

            /**
             * Constructs a new InNetworkEvent.
             * @memberof thunder.v1
             * @classdesc Represents an InNetworkEvent.
             * @constructor
             * @param {thunder.v1.InNetworkEvent.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const InNetworkEvent = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * InNetworkEvent tweetCreateEvent.
             * @member {thunder.v1.TweetCreateEvent.$Properties|null|undefined} tweetCreateEvent
             * @memberof thunder.v1.InNetworkEvent
             * @instance
             */
            InNetworkEvent.prototype.tweetCreateEvent = null;

            /**
             * InNetworkEvent tweetDeleteEvent.
             * @member {thunder.v1.TweetDeleteEvent.$Properties|null|undefined} tweetDeleteEvent
             * @memberof thunder.v1.InNetworkEvent
             * @instance
             */
            InNetworkEvent.prototype.tweetDeleteEvent = null;

            // OneOf field names bound to virtual getters and setters
            let $oneOfFields;

            /**
             * InNetworkEvent eventVariant.
             * @member {"tweetCreateEvent"|"tweetDeleteEvent"|undefined} eventVariant
             * @memberof thunder.v1.InNetworkEvent
             * @instance
             */
            $Object.defineProperty(InNetworkEvent.prototype, "eventVariant", {
                get: $util.oneOfGetter($oneOfFields = ["tweetCreateEvent", "tweetDeleteEvent"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            /**
             * Creates a new InNetworkEvent instance using the specified properties.
             * @function create
             * @memberof thunder.v1.InNetworkEvent
             * @static
             * @param {thunder.v1.InNetworkEvent.$Properties=} [properties] Properties to set
             * @returns {thunder.v1.InNetworkEvent} InNetworkEvent instance
             * @type {{
             *   (properties: thunder.v1.InNetworkEvent.$Shape): thunder.v1.InNetworkEvent & thunder.v1.InNetworkEvent.$Shape;
             *   (properties?: thunder.v1.InNetworkEvent.$Properties): thunder.v1.InNetworkEvent;
             * }}
             */
            InNetworkEvent.create = function(properties) {
                return new InNetworkEvent(properties);
            };

            /**
             * Encodes the specified InNetworkEvent message. Does not implicitly {@link thunder.v1.InNetworkEvent.verify|verify} messages.
             * @function encode
             * @memberof thunder.v1.InNetworkEvent
             * @static
             * @param {thunder.v1.InNetworkEvent.$Properties} message InNetworkEvent message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            InNetworkEvent.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.tweetCreateEvent != null && $Object.hasOwnProperty.call(message, "tweetCreateEvent"))
                    $root.thunder.v1.TweetCreateEvent.encode(message.tweetCreateEvent, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
                if (message.tweetDeleteEvent != null && $Object.hasOwnProperty.call(message, "tweetDeleteEvent"))
                    $root.thunder.v1.TweetDeleteEvent.encode(message.tweetDeleteEvent, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes an InNetworkEvent message from the specified reader or buffer.
             * @function decode
             * @memberof thunder.v1.InNetworkEvent
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {thunder.v1.InNetworkEvent & thunder.v1.InNetworkEvent.$Shape} InNetworkEvent
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            InNetworkEvent.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.thunder.v1.InNetworkEvent();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.tweetCreateEvent = $root.thunder.v1.TweetCreateEvent.decode(reader, reader.size(), $undefined, _depth + 1, message.tweetCreateEvent);
                            message.eventVariant = "tweetCreateEvent";
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.tweetDeleteEvent = $root.thunder.v1.TweetDeleteEvent.decode(reader, reader.size(), $undefined, _depth + 1, message.tweetDeleteEvent);
                            message.eventVariant = "tweetDeleteEvent";
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            /**
             * Creates an InNetworkEvent message from a plain object. Also converts values to their respective internal types.
             * @function fromObject
             * @memberof thunder.v1.InNetworkEvent
             * @static
             * @param {Object.<string,*>} object Plain object
             * @returns {thunder.v1.InNetworkEvent} InNetworkEvent
             */
            InNetworkEvent.fromObject = function (object, _depth) {
                if (object instanceof $root.thunder.v1.InNetworkEvent)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".thunder.v1.InNetworkEvent: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.thunder.v1.InNetworkEvent();
                if (object.tweetCreateEvent != null) {
                    if (!$util.isObject(object.tweetCreateEvent))
                        throw $TypeError(".thunder.v1.InNetworkEvent.tweetCreateEvent: object expected");
                    message.tweetCreateEvent = $root.thunder.v1.TweetCreateEvent.fromObject(object.tweetCreateEvent, _depth + 1);
                }
                if (object.tweetDeleteEvent != null) {
                    if (!$util.isObject(object.tweetDeleteEvent))
                        throw $TypeError(".thunder.v1.InNetworkEvent.tweetDeleteEvent: object expected");
                    message.tweetDeleteEvent = $root.thunder.v1.TweetDeleteEvent.fromObject(object.tweetDeleteEvent, _depth + 1);
                }
                return message;
            };

            /**
             * Creates a plain object from an InNetworkEvent message. Also converts values to other types if specified.
             * @function toObject
             * @memberof thunder.v1.InNetworkEvent
             * @static
             * @param {thunder.v1.InNetworkEvent} message InNetworkEvent
             * @param {$protobuf.IConversionOptions} [options] Conversion options
             * @returns {Object.<string,*>} Plain object
             */
            InNetworkEvent.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (message.tweetCreateEvent != null && $Object.hasOwnProperty.call(message, "tweetCreateEvent")) {
                    object.tweetCreateEvent = $root.thunder.v1.TweetCreateEvent.toObject(message.tweetCreateEvent, options, _depth + 1);
                    if (options.oneofs)
                        object.eventVariant = "tweetCreateEvent";
                }
                if (message.tweetDeleteEvent != null && $Object.hasOwnProperty.call(message, "tweetDeleteEvent")) {
                    object.tweetDeleteEvent = $root.thunder.v1.TweetDeleteEvent.toObject(message.tweetDeleteEvent, options, _depth + 1);
                    if (options.oneofs)
                        object.eventVariant = "tweetDeleteEvent";
                }
                return object;
            };

            /**
             * Converts this InNetworkEvent to JSON.
             * @function toJSON
             * @memberof thunder.v1.InNetworkEvent
             * @instance
             * @returns {Object.<string,*>} JSON object
             */
            InNetworkEvent.prototype.toJSON = function() {
                return InNetworkEvent.toObject(this, $protobuf.util.toJSONOptions);
            };

            return InNetworkEvent;
        })();

        v1.TweetCreateEvent = (function() {

            /**
             * Properties of a TweetCreateEvent.
             * @typedef {Object} thunder.v1.TweetCreateEvent.$Properties
             * @property {Long|null} [postId] TweetCreateEvent postId
             * @property {Long|null} [authorId] TweetCreateEvent authorId
             * @property {Long|null} [createdAt] TweetCreateEvent createdAt
             * @property {Long|null} [inReplyToPostId] TweetCreateEvent inReplyToPostId
             * @property {Long|null} [inReplyToUserId] TweetCreateEvent inReplyToUserId
             * @property {boolean|null} [isRetweet] TweetCreateEvent isRetweet
             * @property {boolean|null} [isReply] TweetCreateEvent isReply
             * @property {Long|null} [sourcePostId] TweetCreateEvent sourcePostId
             * @property {Long|null} [sourceUserId] TweetCreateEvent sourceUserId
             * @property {boolean|null} [hasVideo] TweetCreateEvent hasVideo
             * @property {Long|null} [conversationId] TweetCreateEvent conversationId
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a TweetCreateEvent.
             * @memberof thunder.v1
             * @interface ITweetCreateEvent
             * @augments thunder.v1.TweetCreateEvent.$Properties
             * @deprecated Use thunder.v1.TweetCreateEvent.$Properties instead.
             */

            /**
             * Shape of a TweetCreateEvent.
             * @typedef {thunder.v1.TweetCreateEvent.$Properties} thunder.v1.TweetCreateEvent.$Shape
             */

            /**
             * Constructs a new TweetCreateEvent.
             * @memberof thunder.v1
             * @classdesc Represents a TweetCreateEvent.
             * @constructor
             * @param {thunder.v1.TweetCreateEvent.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const TweetCreateEvent = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * TweetCreateEvent postId.
             * @member {Long} postId
             * @memberof thunder.v1.TweetCreateEvent
             * @instance
             */
            TweetCreateEvent.prototype.postId = $util.Long ? $util.Long.fromBits(0,0,false) : 0;

            /**
             * TweetCreateEvent authorId.
             * @member {Long} authorId
             * @memberof thunder.v1.TweetCreateEvent
             * @instance
             */
            TweetCreateEvent.prototype.authorId = $util.Long ? $util.Long.fromBits(0,0,false) : 0;

            /**
             * TweetCreateEvent createdAt.
             * @member {Long} createdAt
             * @memberof thunder.v1.TweetCreateEvent
             * @instance
             */
            TweetCreateEvent.prototype.createdAt = $util.Long ? $util.Long.fromBits(0,0,false) : 0;

            /**
             * TweetCreateEvent inReplyToPostId.
             * @member {Long|null|undefined} inReplyToPostId
             * @memberof thunder.v1.TweetCreateEvent
             * @instance
             */
            TweetCreateEvent.prototype.inReplyToPostId = null;

            /**
             * TweetCreateEvent inReplyToUserId.
             * @member {Long|null|undefined} inReplyToUserId
             * @memberof thunder.v1.TweetCreateEvent
             * @instance
             */
            TweetCreateEvent.prototype.inReplyToUserId = null;

            /**
             * TweetCreateEvent isRetweet.
             * @member {boolean} isRetweet
             * @memberof thunder.v1.TweetCreateEvent
             * @instance
             */
            TweetCreateEvent.prototype.isRetweet = false;

            /**
             * TweetCreateEvent isReply.
             * @member {boolean} isReply
             * @memberof thunder.v1.TweetCreateEvent
             * @instance
             */
            TweetCreateEvent.prototype.isReply = false;

            /**
             * TweetCreateEvent sourcePostId.
             * @member {Long|null|undefined} sourcePostId
             * @memberof thunder.v1.TweetCreateEvent
             * @instance
             */
            TweetCreateEvent.prototype.sourcePostId = null;

            /**
             * TweetCreateEvent sourceUserId.
             * @member {Long|null|undefined} sourceUserId
             * @memberof thunder.v1.TweetCreateEvent
             * @instance
             */
            TweetCreateEvent.prototype.sourceUserId = null;

            /**
             * TweetCreateEvent hasVideo.
             * @member {boolean} hasVideo
             * @memberof thunder.v1.TweetCreateEvent
             * @instance
             */
            TweetCreateEvent.prototype.hasVideo = false;

            /**
             * TweetCreateEvent conversationId.
             * @member {Long|null|undefined} conversationId
             * @memberof thunder.v1.TweetCreateEvent
             * @instance
             */
            TweetCreateEvent.prototype.conversationId = null;

            // OneOf field names bound to virtual getters and setters
            let $oneOfFields;

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(TweetCreateEvent.prototype, "_inReplyToPostId", {
                get: $util.oneOfGetter($oneOfFields = ["inReplyToPostId"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(TweetCreateEvent.prototype, "_inReplyToUserId", {
                get: $util.oneOfGetter($oneOfFields = ["inReplyToUserId"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(TweetCreateEvent.prototype, "_sourcePostId", {
                get: $util.oneOfGetter($oneOfFields = ["sourcePostId"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(TweetCreateEvent.prototype, "_sourceUserId", {
                get: $util.oneOfGetter($oneOfFields = ["sourceUserId"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(TweetCreateEvent.prototype, "_conversationId", {
                get: $util.oneOfGetter($oneOfFields = ["conversationId"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            /**
             * Creates a new TweetCreateEvent instance using the specified properties.
             * @function create
             * @memberof thunder.v1.TweetCreateEvent
             * @static
             * @param {thunder.v1.TweetCreateEvent.$Properties=} [properties] Properties to set
             * @returns {thunder.v1.TweetCreateEvent} TweetCreateEvent instance
             * @type {{
             *   (properties: thunder.v1.TweetCreateEvent.$Shape): thunder.v1.TweetCreateEvent & thunder.v1.TweetCreateEvent.$Shape;
             *   (properties?: thunder.v1.TweetCreateEvent.$Properties): thunder.v1.TweetCreateEvent;
             * }}
             */
            TweetCreateEvent.create = function(properties) {
                return new TweetCreateEvent(properties);
            };

            /**
             * Encodes the specified TweetCreateEvent message. Does not implicitly {@link thunder.v1.TweetCreateEvent.verify|verify} messages.
             * @function encode
             * @memberof thunder.v1.TweetCreateEvent
             * @static
             * @param {thunder.v1.TweetCreateEvent.$Properties} message TweetCreateEvent message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            TweetCreateEvent.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.postId != null && $Object.hasOwnProperty.call(message, "postId") && (typeof message.postId === "object" ? message.postId.low || message.postId.high : message.postId !== 0))
                    writer.uint32(/* id 1, wireType 0 =*/8).int64(message.postId);
                if (message.authorId != null && $Object.hasOwnProperty.call(message, "authorId") && (typeof message.authorId === "object" ? message.authorId.low || message.authorId.high : message.authorId !== 0))
                    writer.uint32(/* id 2, wireType 0 =*/16).int64(message.authorId);
                if (message.createdAt != null && $Object.hasOwnProperty.call(message, "createdAt") && (typeof message.createdAt === "object" ? message.createdAt.low || message.createdAt.high : message.createdAt !== 0))
                    writer.uint32(/* id 3, wireType 0 =*/24).int64(message.createdAt);
                if (message.inReplyToPostId != null && $Object.hasOwnProperty.call(message, "inReplyToPostId"))
                    writer.uint32(/* id 4, wireType 0 =*/32).int64(message.inReplyToPostId);
                if (message.inReplyToUserId != null && $Object.hasOwnProperty.call(message, "inReplyToUserId"))
                    writer.uint32(/* id 5, wireType 0 =*/40).int64(message.inReplyToUserId);
                if (message.isRetweet != null && $Object.hasOwnProperty.call(message, "isRetweet") && message.isRetweet !== false)
                    writer.uint32(/* id 6, wireType 0 =*/48).bool(message.isRetweet);
                if (message.isReply != null && $Object.hasOwnProperty.call(message, "isReply") && message.isReply !== false)
                    writer.uint32(/* id 7, wireType 0 =*/56).bool(message.isReply);
                if (message.sourcePostId != null && $Object.hasOwnProperty.call(message, "sourcePostId"))
                    writer.uint32(/* id 8, wireType 0 =*/64).int64(message.sourcePostId);
                if (message.sourceUserId != null && $Object.hasOwnProperty.call(message, "sourceUserId"))
                    writer.uint32(/* id 9, wireType 0 =*/72).int64(message.sourceUserId);
                if (message.hasVideo != null && $Object.hasOwnProperty.call(message, "hasVideo") && message.hasVideo !== false)
                    writer.uint32(/* id 10, wireType 0 =*/80).bool(message.hasVideo);
                if (message.conversationId != null && $Object.hasOwnProperty.call(message, "conversationId"))
                    writer.uint32(/* id 11, wireType 0 =*/88).int64(message.conversationId);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a TweetCreateEvent message from the specified reader or buffer.
             * @function decode
             * @memberof thunder.v1.TweetCreateEvent
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {thunder.v1.TweetCreateEvent & thunder.v1.TweetCreateEvent.$Shape} TweetCreateEvent
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            TweetCreateEvent.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.thunder.v1.TweetCreateEvent();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.postId = value;
                            else
                                delete message.postId;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.authorId = value;
                            else
                                delete message.authorId;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.createdAt = value;
                            else
                                delete message.createdAt;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            message.inReplyToPostId = reader.int64();
                            message._inReplyToPostId = "inReplyToPostId";
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            message.inReplyToUserId = reader.int64();
                            message._inReplyToUserId = "inReplyToUserId";
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.isRetweet = value;
                            else
                                delete message.isRetweet;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.isReply = value;
                            else
                                delete message.isReply;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 0)
                                break;
                            message.sourcePostId = reader.int64();
                            message._sourcePostId = "sourcePostId";
                            continue;
                        }
                    case 9: {
                            if (wireType !== 0)
                                break;
                            message.sourceUserId = reader.int64();
                            message._sourceUserId = "sourceUserId";
                            continue;
                        }
                    case 10: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.hasVideo = value;
                            else
                                delete message.hasVideo;
                            continue;
                        }
                    case 11: {
                            if (wireType !== 0)
                                break;
                            message.conversationId = reader.int64();
                            message._conversationId = "conversationId";
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            /**
             * Creates a TweetCreateEvent message from a plain object. Also converts values to their respective internal types.
             * @function fromObject
             * @memberof thunder.v1.TweetCreateEvent
             * @static
             * @param {Object.<string,*>} object Plain object
             * @returns {thunder.v1.TweetCreateEvent} TweetCreateEvent
             */
            TweetCreateEvent.fromObject = function (object, _depth) {
                if (object instanceof $root.thunder.v1.TweetCreateEvent)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".thunder.v1.TweetCreateEvent: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.thunder.v1.TweetCreateEvent();
                if (object.postId != null)
                    if (typeof object.postId === "object" ? object.postId.low || object.postId.high : $Number(object.postId) !== 0)
                        if ($util.Long)
                            message.postId = $util.Long.fromValue(object.postId, false);
                        else if (typeof object.postId === "string")
                            message.postId = $parseInt(object.postId, 10);
                        else if (typeof object.postId === "number")
                            message.postId = object.postId;
                        else if (typeof object.postId === "object")
                            message.postId = new $util.LongBits(object.postId.low >>> 0, object.postId.high >>> 0).toNumber();
                if (object.authorId != null)
                    if (typeof object.authorId === "object" ? object.authorId.low || object.authorId.high : $Number(object.authorId) !== 0)
                        if ($util.Long)
                            message.authorId = $util.Long.fromValue(object.authorId, false);
                        else if (typeof object.authorId === "string")
                            message.authorId = $parseInt(object.authorId, 10);
                        else if (typeof object.authorId === "number")
                            message.authorId = object.authorId;
                        else if (typeof object.authorId === "object")
                            message.authorId = new $util.LongBits(object.authorId.low >>> 0, object.authorId.high >>> 0).toNumber();
                if (object.createdAt != null)
                    if (typeof object.createdAt === "object" ? object.createdAt.low || object.createdAt.high : $Number(object.createdAt) !== 0)
                        if ($util.Long)
                            message.createdAt = $util.Long.fromValue(object.createdAt, false);
                        else if (typeof object.createdAt === "string")
                            message.createdAt = $parseInt(object.createdAt, 10);
                        else if (typeof object.createdAt === "number")
                            message.createdAt = object.createdAt;
                        else if (typeof object.createdAt === "object")
                            message.createdAt = new $util.LongBits(object.createdAt.low >>> 0, object.createdAt.high >>> 0).toNumber();
                if (object.inReplyToPostId != null)
                    if ($util.Long)
                        message.inReplyToPostId = $util.Long.fromValue(object.inReplyToPostId, false);
                    else if (typeof object.inReplyToPostId === "string")
                        message.inReplyToPostId = $parseInt(object.inReplyToPostId, 10);
                    else if (typeof object.inReplyToPostId === "number")
                        message.inReplyToPostId = object.inReplyToPostId;
                    else if (typeof object.inReplyToPostId === "object")
                        message.inReplyToPostId = new $util.LongBits(object.inReplyToPostId.low >>> 0, object.inReplyToPostId.high >>> 0).toNumber();
                if (object.inReplyToUserId != null)
                    if ($util.Long)
                        message.inReplyToUserId = $util.Long.fromValue(object.inReplyToUserId, false);
                    else if (typeof object.inReplyToUserId === "string")
                        message.inReplyToUserId = $parseInt(object.inReplyToUserId, 10);
                    else if (typeof object.inReplyToUserId === "number")
                        message.inReplyToUserId = object.inReplyToUserId;
                    else if (typeof object.inReplyToUserId === "object")
                        message.inReplyToUserId = new $util.LongBits(object.inReplyToUserId.low >>> 0, object.inReplyToUserId.high >>> 0).toNumber();
                if (object.isRetweet != null)
                    if (object.isRetweet)
                        message.isRetweet = $Boolean(object.isRetweet);
                if (object.isReply != null)
                    if (object.isReply)
                        message.isReply = $Boolean(object.isReply);
                if (object.sourcePostId != null)
                    if ($util.Long)
                        message.sourcePostId = $util.Long.fromValue(object.sourcePostId, false);
                    else if (typeof object.sourcePostId === "string")
                        message.sourcePostId = $parseInt(object.sourcePostId, 10);
                    else if (typeof object.sourcePostId === "number")
                        message.sourcePostId = object.sourcePostId;
                    else if (typeof object.sourcePostId === "object")
                        message.sourcePostId = new $util.LongBits(object.sourcePostId.low >>> 0, object.sourcePostId.high >>> 0).toNumber();
                if (object.sourceUserId != null)
                    if ($util.Long)
                        message.sourceUserId = $util.Long.fromValue(object.sourceUserId, false);
                    else if (typeof object.sourceUserId === "string")
                        message.sourceUserId = $parseInt(object.sourceUserId, 10);
                    else if (typeof object.sourceUserId === "number")
                        message.sourceUserId = object.sourceUserId;
                    else if (typeof object.sourceUserId === "object")
                        message.sourceUserId = new $util.LongBits(object.sourceUserId.low >>> 0, object.sourceUserId.high >>> 0).toNumber();
                if (object.hasVideo != null)
                    if (object.hasVideo)
                        message.hasVideo = $Boolean(object.hasVideo);
                if (object.conversationId != null)
                    if ($util.Long)
                        message.conversationId = $util.Long.fromValue(object.conversationId, false);
                    else if (typeof object.conversationId === "string")
                        message.conversationId = $parseInt(object.conversationId, 10);
                    else if (typeof object.conversationId === "number")
                        message.conversationId = object.conversationId;
                    else if (typeof object.conversationId === "object")
                        message.conversationId = new $util.LongBits(object.conversationId.low >>> 0, object.conversationId.high >>> 0).toNumber();
                return message;
            };

            /**
             * Creates a plain object from a TweetCreateEvent message. Also converts values to other types if specified.
             * @function toObject
             * @memberof thunder.v1.TweetCreateEvent
             * @static
             * @param {thunder.v1.TweetCreateEvent} message TweetCreateEvent
             * @param {$protobuf.IConversionOptions} [options] Conversion options
             * @returns {Object.<string,*>} Plain object
             */
            TweetCreateEvent.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.postId = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.postId = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.authorId = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.authorId = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.createdAt = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.createdAt = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    object.isRetweet = false;
                    object.isReply = false;
                    object.hasVideo = false;
                }
                if (message.postId != null && $Object.hasOwnProperty.call(message, "postId"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.postId = typeof message.postId === "number" ? $BigInt(message.postId) : $util.Long.fromBits(message.postId.low >>> 0, message.postId.high >>> 0, false).toBigInt();
                    else if (typeof message.postId === "number")
                        object.postId = options.longs === $String ? $String(message.postId) : message.postId;
                    else
                        object.postId = options.longs === $String ? $util.Long.prototype.toString.call(message.postId) : options.longs === $Number ? new $util.LongBits(message.postId.low >>> 0, message.postId.high >>> 0).toNumber() : message.postId;
                if (message.authorId != null && $Object.hasOwnProperty.call(message, "authorId"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.authorId = typeof message.authorId === "number" ? $BigInt(message.authorId) : $util.Long.fromBits(message.authorId.low >>> 0, message.authorId.high >>> 0, false).toBigInt();
                    else if (typeof message.authorId === "number")
                        object.authorId = options.longs === $String ? $String(message.authorId) : message.authorId;
                    else
                        object.authorId = options.longs === $String ? $util.Long.prototype.toString.call(message.authorId) : options.longs === $Number ? new $util.LongBits(message.authorId.low >>> 0, message.authorId.high >>> 0).toNumber() : message.authorId;
                if (message.createdAt != null && $Object.hasOwnProperty.call(message, "createdAt"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.createdAt = typeof message.createdAt === "number" ? $BigInt(message.createdAt) : $util.Long.fromBits(message.createdAt.low >>> 0, message.createdAt.high >>> 0, false).toBigInt();
                    else if (typeof message.createdAt === "number")
                        object.createdAt = options.longs === $String ? $String(message.createdAt) : message.createdAt;
                    else
                        object.createdAt = options.longs === $String ? $util.Long.prototype.toString.call(message.createdAt) : options.longs === $Number ? new $util.LongBits(message.createdAt.low >>> 0, message.createdAt.high >>> 0).toNumber() : message.createdAt;
                if (message.inReplyToPostId != null && $Object.hasOwnProperty.call(message, "inReplyToPostId"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.inReplyToPostId = typeof message.inReplyToPostId === "number" ? $BigInt(message.inReplyToPostId) : $util.Long.fromBits(message.inReplyToPostId.low >>> 0, message.inReplyToPostId.high >>> 0, false).toBigInt();
                    else if (typeof message.inReplyToPostId === "number")
                        object.inReplyToPostId = options.longs === $String ? $String(message.inReplyToPostId) : message.inReplyToPostId;
                    else
                        object.inReplyToPostId = options.longs === $String ? $util.Long.prototype.toString.call(message.inReplyToPostId) : options.longs === $Number ? new $util.LongBits(message.inReplyToPostId.low >>> 0, message.inReplyToPostId.high >>> 0).toNumber() : message.inReplyToPostId;
                if (message.inReplyToUserId != null && $Object.hasOwnProperty.call(message, "inReplyToUserId"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.inReplyToUserId = typeof message.inReplyToUserId === "number" ? $BigInt(message.inReplyToUserId) : $util.Long.fromBits(message.inReplyToUserId.low >>> 0, message.inReplyToUserId.high >>> 0, false).toBigInt();
                    else if (typeof message.inReplyToUserId === "number")
                        object.inReplyToUserId = options.longs === $String ? $String(message.inReplyToUserId) : message.inReplyToUserId;
                    else
                        object.inReplyToUserId = options.longs === $String ? $util.Long.prototype.toString.call(message.inReplyToUserId) : options.longs === $Number ? new $util.LongBits(message.inReplyToUserId.low >>> 0, message.inReplyToUserId.high >>> 0).toNumber() : message.inReplyToUserId;
                if (message.isRetweet != null && $Object.hasOwnProperty.call(message, "isRetweet"))
                    object.isRetweet = message.isRetweet;
                if (message.isReply != null && $Object.hasOwnProperty.call(message, "isReply"))
                    object.isReply = message.isReply;
                if (message.sourcePostId != null && $Object.hasOwnProperty.call(message, "sourcePostId"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.sourcePostId = typeof message.sourcePostId === "number" ? $BigInt(message.sourcePostId) : $util.Long.fromBits(message.sourcePostId.low >>> 0, message.sourcePostId.high >>> 0, false).toBigInt();
                    else if (typeof message.sourcePostId === "number")
                        object.sourcePostId = options.longs === $String ? $String(message.sourcePostId) : message.sourcePostId;
                    else
                        object.sourcePostId = options.longs === $String ? $util.Long.prototype.toString.call(message.sourcePostId) : options.longs === $Number ? new $util.LongBits(message.sourcePostId.low >>> 0, message.sourcePostId.high >>> 0).toNumber() : message.sourcePostId;
                if (message.sourceUserId != null && $Object.hasOwnProperty.call(message, "sourceUserId"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.sourceUserId = typeof message.sourceUserId === "number" ? $BigInt(message.sourceUserId) : $util.Long.fromBits(message.sourceUserId.low >>> 0, message.sourceUserId.high >>> 0, false).toBigInt();
                    else if (typeof message.sourceUserId === "number")
                        object.sourceUserId = options.longs === $String ? $String(message.sourceUserId) : message.sourceUserId;
                    else
                        object.sourceUserId = options.longs === $String ? $util.Long.prototype.toString.call(message.sourceUserId) : options.longs === $Number ? new $util.LongBits(message.sourceUserId.low >>> 0, message.sourceUserId.high >>> 0).toNumber() : message.sourceUserId;
                if (message.hasVideo != null && $Object.hasOwnProperty.call(message, "hasVideo"))
                    object.hasVideo = message.hasVideo;
                if (message.conversationId != null && $Object.hasOwnProperty.call(message, "conversationId"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.conversationId = typeof message.conversationId === "number" ? $BigInt(message.conversationId) : $util.Long.fromBits(message.conversationId.low >>> 0, message.conversationId.high >>> 0, false).toBigInt();
                    else if (typeof message.conversationId === "number")
                        object.conversationId = options.longs === $String ? $String(message.conversationId) : message.conversationId;
                    else
                        object.conversationId = options.longs === $String ? $util.Long.prototype.toString.call(message.conversationId) : options.longs === $Number ? new $util.LongBits(message.conversationId.low >>> 0, message.conversationId.high >>> 0).toNumber() : message.conversationId;
                return object;
            };

            /**
             * Converts this TweetCreateEvent to JSON.
             * @function toJSON
             * @memberof thunder.v1.TweetCreateEvent
             * @instance
             * @returns {Object.<string,*>} JSON object
             */
            TweetCreateEvent.prototype.toJSON = function() {
                return TweetCreateEvent.toObject(this, $protobuf.util.toJSONOptions);
            };

            return TweetCreateEvent;
        })();

        v1.TweetDeleteEvent = (function() {

            /**
             * Properties of a TweetDeleteEvent.
             * @typedef {Object} thunder.v1.TweetDeleteEvent.$Properties
             * @property {Long|null} [postId] TweetDeleteEvent postId
             * @property {Long|null} [deletedAt] TweetDeleteEvent deletedAt
             * @property {Long|null} [authorId] TweetDeleteEvent authorId
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a TweetDeleteEvent.
             * @memberof thunder.v1
             * @interface ITweetDeleteEvent
             * @augments thunder.v1.TweetDeleteEvent.$Properties
             * @deprecated Use thunder.v1.TweetDeleteEvent.$Properties instead.
             */

            /**
             * Shape of a TweetDeleteEvent.
             * @typedef {thunder.v1.TweetDeleteEvent.$Properties} thunder.v1.TweetDeleteEvent.$Shape
             */

            /**
             * Constructs a new TweetDeleteEvent.
             * @memberof thunder.v1
             * @classdesc Represents a TweetDeleteEvent.
             * @constructor
             * @param {thunder.v1.TweetDeleteEvent.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const TweetDeleteEvent = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * TweetDeleteEvent postId.
             * @member {Long} postId
             * @memberof thunder.v1.TweetDeleteEvent
             * @instance
             */
            TweetDeleteEvent.prototype.postId = $util.Long ? $util.Long.fromBits(0,0,false) : 0;

            /**
             * TweetDeleteEvent deletedAt.
             * @member {Long} deletedAt
             * @memberof thunder.v1.TweetDeleteEvent
             * @instance
             */
            TweetDeleteEvent.prototype.deletedAt = $util.Long ? $util.Long.fromBits(0,0,false) : 0;

            /**
             * TweetDeleteEvent authorId.
             * @member {Long|null|undefined} authorId
             * @memberof thunder.v1.TweetDeleteEvent
             * @instance
             */
            TweetDeleteEvent.prototype.authorId = null;

            // OneOf field names bound to virtual getters and setters
            let $oneOfFields;

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(TweetDeleteEvent.prototype, "_authorId", {
                get: $util.oneOfGetter($oneOfFields = ["authorId"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            /**
             * Creates a new TweetDeleteEvent instance using the specified properties.
             * @function create
             * @memberof thunder.v1.TweetDeleteEvent
             * @static
             * @param {thunder.v1.TweetDeleteEvent.$Properties=} [properties] Properties to set
             * @returns {thunder.v1.TweetDeleteEvent} TweetDeleteEvent instance
             * @type {{
             *   (properties: thunder.v1.TweetDeleteEvent.$Shape): thunder.v1.TweetDeleteEvent & thunder.v1.TweetDeleteEvent.$Shape;
             *   (properties?: thunder.v1.TweetDeleteEvent.$Properties): thunder.v1.TweetDeleteEvent;
             * }}
             */
            TweetDeleteEvent.create = function(properties) {
                return new TweetDeleteEvent(properties);
            };

            /**
             * Encodes the specified TweetDeleteEvent message. Does not implicitly {@link thunder.v1.TweetDeleteEvent.verify|verify} messages.
             * @function encode
             * @memberof thunder.v1.TweetDeleteEvent
             * @static
             * @param {thunder.v1.TweetDeleteEvent.$Properties} message TweetDeleteEvent message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            TweetDeleteEvent.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.postId != null && $Object.hasOwnProperty.call(message, "postId") && (typeof message.postId === "object" ? message.postId.low || message.postId.high : message.postId !== 0))
                    writer.uint32(/* id 1, wireType 0 =*/8).int64(message.postId);
                if (message.deletedAt != null && $Object.hasOwnProperty.call(message, "deletedAt") && (typeof message.deletedAt === "object" ? message.deletedAt.low || message.deletedAt.high : message.deletedAt !== 0))
                    writer.uint32(/* id 2, wireType 0 =*/16).int64(message.deletedAt);
                if (message.authorId != null && $Object.hasOwnProperty.call(message, "authorId"))
                    writer.uint32(/* id 3, wireType 0 =*/24).int64(message.authorId);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a TweetDeleteEvent message from the specified reader or buffer.
             * @function decode
             * @memberof thunder.v1.TweetDeleteEvent
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {thunder.v1.TweetDeleteEvent & thunder.v1.TweetDeleteEvent.$Shape} TweetDeleteEvent
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            TweetDeleteEvent.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.thunder.v1.TweetDeleteEvent();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.postId = value;
                            else
                                delete message.postId;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.deletedAt = value;
                            else
                                delete message.deletedAt;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            message.authorId = reader.int64();
                            message._authorId = "authorId";
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            /**
             * Creates a TweetDeleteEvent message from a plain object. Also converts values to their respective internal types.
             * @function fromObject
             * @memberof thunder.v1.TweetDeleteEvent
             * @static
             * @param {Object.<string,*>} object Plain object
             * @returns {thunder.v1.TweetDeleteEvent} TweetDeleteEvent
             */
            TweetDeleteEvent.fromObject = function (object, _depth) {
                if (object instanceof $root.thunder.v1.TweetDeleteEvent)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".thunder.v1.TweetDeleteEvent: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.thunder.v1.TweetDeleteEvent();
                if (object.postId != null)
                    if (typeof object.postId === "object" ? object.postId.low || object.postId.high : $Number(object.postId) !== 0)
                        if ($util.Long)
                            message.postId = $util.Long.fromValue(object.postId, false);
                        else if (typeof object.postId === "string")
                            message.postId = $parseInt(object.postId, 10);
                        else if (typeof object.postId === "number")
                            message.postId = object.postId;
                        else if (typeof object.postId === "object")
                            message.postId = new $util.LongBits(object.postId.low >>> 0, object.postId.high >>> 0).toNumber();
                if (object.deletedAt != null)
                    if (typeof object.deletedAt === "object" ? object.deletedAt.low || object.deletedAt.high : $Number(object.deletedAt) !== 0)
                        if ($util.Long)
                            message.deletedAt = $util.Long.fromValue(object.deletedAt, false);
                        else if (typeof object.deletedAt === "string")
                            message.deletedAt = $parseInt(object.deletedAt, 10);
                        else if (typeof object.deletedAt === "number")
                            message.deletedAt = object.deletedAt;
                        else if (typeof object.deletedAt === "object")
                            message.deletedAt = new $util.LongBits(object.deletedAt.low >>> 0, object.deletedAt.high >>> 0).toNumber();
                if (object.authorId != null)
                    if ($util.Long)
                        message.authorId = $util.Long.fromValue(object.authorId, false);
                    else if (typeof object.authorId === "string")
                        message.authorId = $parseInt(object.authorId, 10);
                    else if (typeof object.authorId === "number")
                        message.authorId = object.authorId;
                    else if (typeof object.authorId === "object")
                        message.authorId = new $util.LongBits(object.authorId.low >>> 0, object.authorId.high >>> 0).toNumber();
                return message;
            };

            /**
             * Creates a plain object from a TweetDeleteEvent message. Also converts values to other types if specified.
             * @function toObject
             * @memberof thunder.v1.TweetDeleteEvent
             * @static
             * @param {thunder.v1.TweetDeleteEvent} message TweetDeleteEvent
             * @param {$protobuf.IConversionOptions} [options] Conversion options
             * @returns {Object.<string,*>} Plain object
             */
            TweetDeleteEvent.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.postId = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.postId = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.deletedAt = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.deletedAt = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                }
                if (message.postId != null && $Object.hasOwnProperty.call(message, "postId"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.postId = typeof message.postId === "number" ? $BigInt(message.postId) : $util.Long.fromBits(message.postId.low >>> 0, message.postId.high >>> 0, false).toBigInt();
                    else if (typeof message.postId === "number")
                        object.postId = options.longs === $String ? $String(message.postId) : message.postId;
                    else
                        object.postId = options.longs === $String ? $util.Long.prototype.toString.call(message.postId) : options.longs === $Number ? new $util.LongBits(message.postId.low >>> 0, message.postId.high >>> 0).toNumber() : message.postId;
                if (message.deletedAt != null && $Object.hasOwnProperty.call(message, "deletedAt"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.deletedAt = typeof message.deletedAt === "number" ? $BigInt(message.deletedAt) : $util.Long.fromBits(message.deletedAt.low >>> 0, message.deletedAt.high >>> 0, false).toBigInt();
                    else if (typeof message.deletedAt === "number")
                        object.deletedAt = options.longs === $String ? $String(message.deletedAt) : message.deletedAt;
                    else
                        object.deletedAt = options.longs === $String ? $util.Long.prototype.toString.call(message.deletedAt) : options.longs === $Number ? new $util.LongBits(message.deletedAt.low >>> 0, message.deletedAt.high >>> 0).toNumber() : message.deletedAt;
                if (message.authorId != null && $Object.hasOwnProperty.call(message, "authorId"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.authorId = typeof message.authorId === "number" ? $BigInt(message.authorId) : $util.Long.fromBits(message.authorId.low >>> 0, message.authorId.high >>> 0, false).toBigInt();
                    else if (typeof message.authorId === "number")
                        object.authorId = options.longs === $String ? $String(message.authorId) : message.authorId;
                    else
                        object.authorId = options.longs === $String ? $util.Long.prototype.toString.call(message.authorId) : options.longs === $Number ? new $util.LongBits(message.authorId.low >>> 0, message.authorId.high >>> 0).toNumber() : message.authorId;
                return object;
            };

            /**
             * Converts this TweetDeleteEvent to JSON.
             * @function toJSON
             * @memberof thunder.v1.TweetDeleteEvent
             * @instance
             * @returns {Object.<string,*>} JSON object
             */
            TweetDeleteEvent.prototype.toJSON = function() {
                return TweetDeleteEvent.toObject(this, $protobuf.util.toJSONOptions);
            };

            return TweetDeleteEvent;
        })();

        v1.GetInNetworkPostsRequest = (function() {

            /**
             * Properties of a GetInNetworkPostsRequest.
             * @typedef {Object} thunder.v1.GetInNetworkPostsRequest.$Properties
             * @property {Long|null} [userId] GetInNetworkPostsRequest userId
             * @property {Array.<Long>|null} [followingUserIds] GetInNetworkPostsRequest followingUserIds
             * @property {number|null} [maxResults] GetInNetworkPostsRequest maxResults
             * @property {Array.<Long>|null} [excludeTweetIds] GetInNetworkPostsRequest excludeTweetIds
             * @property {string|null} [algorithm] GetInNetworkPostsRequest algorithm
             * @property {boolean|null} [debug] GetInNetworkPostsRequest debug
             * @property {boolean|null} [isVideoRequest] GetInNetworkPostsRequest isVideoRequest
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a GetInNetworkPostsRequest.
             * @memberof thunder.v1
             * @interface IGetInNetworkPostsRequest
             * @augments thunder.v1.GetInNetworkPostsRequest.$Properties
             * @deprecated Use thunder.v1.GetInNetworkPostsRequest.$Properties instead.
             */

            /**
             * Shape of a GetInNetworkPostsRequest.
             * @typedef {thunder.v1.GetInNetworkPostsRequest.$Properties} thunder.v1.GetInNetworkPostsRequest.$Shape
             */

            /**
             * Constructs a new GetInNetworkPostsRequest.
             * @memberof thunder.v1
             * @classdesc Represents a GetInNetworkPostsRequest.
             * @constructor
             * @param {thunder.v1.GetInNetworkPostsRequest.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const GetInNetworkPostsRequest = function (properties) {
                this.followingUserIds = [];
                this.excludeTweetIds = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * GetInNetworkPostsRequest userId.
             * @member {Long} userId
             * @memberof thunder.v1.GetInNetworkPostsRequest
             * @instance
             */
            GetInNetworkPostsRequest.prototype.userId = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * GetInNetworkPostsRequest followingUserIds.
             * @member {Array.<Long>} followingUserIds
             * @memberof thunder.v1.GetInNetworkPostsRequest
             * @instance
             */
            GetInNetworkPostsRequest.prototype.followingUserIds = $util.emptyArray;

            /**
             * GetInNetworkPostsRequest maxResults.
             * @member {number} maxResults
             * @memberof thunder.v1.GetInNetworkPostsRequest
             * @instance
             */
            GetInNetworkPostsRequest.prototype.maxResults = 0;

            /**
             * GetInNetworkPostsRequest excludeTweetIds.
             * @member {Array.<Long>} excludeTweetIds
             * @memberof thunder.v1.GetInNetworkPostsRequest
             * @instance
             */
            GetInNetworkPostsRequest.prototype.excludeTweetIds = $util.emptyArray;

            /**
             * GetInNetworkPostsRequest algorithm.
             * @member {string} algorithm
             * @memberof thunder.v1.GetInNetworkPostsRequest
             * @instance
             */
            GetInNetworkPostsRequest.prototype.algorithm = "";

            /**
             * GetInNetworkPostsRequest debug.
             * @member {boolean} debug
             * @memberof thunder.v1.GetInNetworkPostsRequest
             * @instance
             */
            GetInNetworkPostsRequest.prototype.debug = false;

            /**
             * GetInNetworkPostsRequest isVideoRequest.
             * @member {boolean} isVideoRequest
             * @memberof thunder.v1.GetInNetworkPostsRequest
             * @instance
             */
            GetInNetworkPostsRequest.prototype.isVideoRequest = false;

            /**
             * Creates a new GetInNetworkPostsRequest instance using the specified properties.
             * @function create
             * @memberof thunder.v1.GetInNetworkPostsRequest
             * @static
             * @param {thunder.v1.GetInNetworkPostsRequest.$Properties=} [properties] Properties to set
             * @returns {thunder.v1.GetInNetworkPostsRequest} GetInNetworkPostsRequest instance
             * @type {{
             *   (properties: thunder.v1.GetInNetworkPostsRequest.$Shape): thunder.v1.GetInNetworkPostsRequest & thunder.v1.GetInNetworkPostsRequest.$Shape;
             *   (properties?: thunder.v1.GetInNetworkPostsRequest.$Properties): thunder.v1.GetInNetworkPostsRequest;
             * }}
             */
            GetInNetworkPostsRequest.create = function(properties) {
                return new GetInNetworkPostsRequest(properties);
            };

            /**
             * Encodes the specified GetInNetworkPostsRequest message. Does not implicitly {@link thunder.v1.GetInNetworkPostsRequest.verify|verify} messages.
             * @function encode
             * @memberof thunder.v1.GetInNetworkPostsRequest
             * @static
             * @param {thunder.v1.GetInNetworkPostsRequest.$Properties} message GetInNetworkPostsRequest message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            GetInNetworkPostsRequest.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.userId != null && $Object.hasOwnProperty.call(message, "userId") && (typeof message.userId === "object" ? message.userId.low || message.userId.high : message.userId !== 0))
                    writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.userId);
                if (message.followingUserIds != null && message.followingUserIds.length)
                    writer.uint32(/* id 2, wireType 2 =*/18).uint64s(message.followingUserIds);
                if (message.maxResults != null && $Object.hasOwnProperty.call(message, "maxResults") && message.maxResults !== 0)
                    writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.maxResults);
                if (message.excludeTweetIds != null && message.excludeTweetIds.length)
                    writer.uint32(/* id 4, wireType 2 =*/34).uint64s(message.excludeTweetIds);
                if (message.algorithm != null && $Object.hasOwnProperty.call(message, "algorithm") && message.algorithm !== "")
                    writer.uint32(/* id 5, wireType 2 =*/42).string(message.algorithm);
                if (message.debug != null && $Object.hasOwnProperty.call(message, "debug") && message.debug !== false)
                    writer.uint32(/* id 6, wireType 0 =*/48).bool(message.debug);
                if (message.isVideoRequest != null && $Object.hasOwnProperty.call(message, "isVideoRequest") && message.isVideoRequest !== false)
                    writer.uint32(/* id 7, wireType 0 =*/56).bool(message.isVideoRequest);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a GetInNetworkPostsRequest message from the specified reader or buffer.
             * @function decode
             * @memberof thunder.v1.GetInNetworkPostsRequest
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {thunder.v1.GetInNetworkPostsRequest & thunder.v1.GetInNetworkPostsRequest.$Shape} GetInNetworkPostsRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            GetInNetworkPostsRequest.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.thunder.v1.GetInNetworkPostsRequest();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.userId = value;
                            else
                                delete message.userId;
                            continue;
                        }
                    case 2: {
                            if (wireType === 2) {
                                if (!(message.followingUserIds && message.followingUserIds.length))
                                    message.followingUserIds = [];
                                reader.uint64s(message.followingUserIds);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.followingUserIds && message.followingUserIds.length))
                                message.followingUserIds = [];
                            message.followingUserIds.push(reader.uint64());
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.maxResults = value;
                            else
                                delete message.maxResults;
                            continue;
                        }
                    case 4: {
                            if (wireType === 2) {
                                if (!(message.excludeTweetIds && message.excludeTweetIds.length))
                                    message.excludeTweetIds = [];
                                reader.uint64s(message.excludeTweetIds);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.excludeTweetIds && message.excludeTweetIds.length))
                                message.excludeTweetIds = [];
                            message.excludeTweetIds.push(reader.uint64());
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.algorithm = value;
                            else
                                delete message.algorithm;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.debug = value;
                            else
                                delete message.debug;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.isVideoRequest = value;
                            else
                                delete message.isVideoRequest;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            /**
             * Creates a GetInNetworkPostsRequest message from a plain object. Also converts values to their respective internal types.
             * @function fromObject
             * @memberof thunder.v1.GetInNetworkPostsRequest
             * @static
             * @param {Object.<string,*>} object Plain object
             * @returns {thunder.v1.GetInNetworkPostsRequest} GetInNetworkPostsRequest
             */
            GetInNetworkPostsRequest.fromObject = function (object, _depth) {
                if (object instanceof $root.thunder.v1.GetInNetworkPostsRequest)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".thunder.v1.GetInNetworkPostsRequest: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.thunder.v1.GetInNetworkPostsRequest();
                if (object.userId != null)
                    if (typeof object.userId === "object" ? object.userId.low || object.userId.high : $Number(object.userId) !== 0)
                        if ($util.Long)
                            message.userId = $util.Long.fromValue(object.userId, true);
                        else if (typeof object.userId === "string")
                            message.userId = $parseInt(object.userId, 10);
                        else if (typeof object.userId === "number")
                            message.userId = object.userId;
                        else if (typeof object.userId === "object")
                            message.userId = new $util.LongBits(object.userId.low >>> 0, object.userId.high >>> 0).toNumber(true);
                if (object.followingUserIds) {
                    if (!$Array.isArray(object.followingUserIds))
                        throw $TypeError(".thunder.v1.GetInNetworkPostsRequest.followingUserIds: array expected");
                    message.followingUserIds = $Array(object.followingUserIds.length);
                    for (let i = 0; i < object.followingUserIds.length; ++i)
                        if ($util.Long)
                            message.followingUserIds[i] = $util.Long.fromValue(object.followingUserIds[i], true);
                        else if (typeof object.followingUserIds[i] === "string")
                            message.followingUserIds[i] = $parseInt(object.followingUserIds[i], 10);
                        else if (typeof object.followingUserIds[i] === "number")
                            message.followingUserIds[i] = object.followingUserIds[i];
                        else if (typeof object.followingUserIds[i] === "object")
                            message.followingUserIds[i] = new $util.LongBits(object.followingUserIds[i].low >>> 0, object.followingUserIds[i].high >>> 0).toNumber(true);
                }
                if (object.maxResults != null)
                    if ($Number(object.maxResults) !== 0)
                        message.maxResults = object.maxResults >>> 0;
                if (object.excludeTweetIds) {
                    if (!$Array.isArray(object.excludeTweetIds))
                        throw $TypeError(".thunder.v1.GetInNetworkPostsRequest.excludeTweetIds: array expected");
                    message.excludeTweetIds = $Array(object.excludeTweetIds.length);
                    for (let i = 0; i < object.excludeTweetIds.length; ++i)
                        if ($util.Long)
                            message.excludeTweetIds[i] = $util.Long.fromValue(object.excludeTweetIds[i], true);
                        else if (typeof object.excludeTweetIds[i] === "string")
                            message.excludeTweetIds[i] = $parseInt(object.excludeTweetIds[i], 10);
                        else if (typeof object.excludeTweetIds[i] === "number")
                            message.excludeTweetIds[i] = object.excludeTweetIds[i];
                        else if (typeof object.excludeTweetIds[i] === "object")
                            message.excludeTweetIds[i] = new $util.LongBits(object.excludeTweetIds[i].low >>> 0, object.excludeTweetIds[i].high >>> 0).toNumber(true);
                }
                if (object.algorithm != null)
                    if (typeof object.algorithm !== "string" || object.algorithm.length)
                        message.algorithm = $String(object.algorithm);
                if (object.debug != null)
                    if (object.debug)
                        message.debug = $Boolean(object.debug);
                if (object.isVideoRequest != null)
                    if (object.isVideoRequest)
                        message.isVideoRequest = $Boolean(object.isVideoRequest);
                return message;
            };

            /**
             * Creates a plain object from a GetInNetworkPostsRequest message. Also converts values to other types if specified.
             * @function toObject
             * @memberof thunder.v1.GetInNetworkPostsRequest
             * @static
             * @param {thunder.v1.GetInNetworkPostsRequest} message GetInNetworkPostsRequest
             * @param {$protobuf.IConversionOptions} [options] Conversion options
             * @returns {Object.<string,*>} Plain object
             */
            GetInNetworkPostsRequest.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults) {
                    object.followingUserIds = [];
                    object.excludeTweetIds = [];
                }
                if (options.defaults) {
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, true);
                        object.userId = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.userId = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    object.maxResults = 0;
                    object.algorithm = "";
                    object.debug = false;
                    object.isVideoRequest = false;
                }
                if (message.userId != null && $Object.hasOwnProperty.call(message, "userId"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.userId = typeof message.userId === "number" ? $BigInt(message.userId) : $util.Long.fromBits(message.userId.low >>> 0, message.userId.high >>> 0, true).toBigInt();
                    else if (typeof message.userId === "number")
                        object.userId = options.longs === $String ? $String(message.userId) : message.userId;
                    else
                        object.userId = options.longs === $String ? $util.Long.prototype.toString.call(message.userId) : options.longs === $Number ? new $util.LongBits(message.userId.low >>> 0, message.userId.high >>> 0).toNumber(true) : message.userId;
                if (message.followingUserIds && message.followingUserIds.length) {
                    object.followingUserIds = $Array(message.followingUserIds.length);
                    for (let j = 0; j < message.followingUserIds.length; ++j)
                        if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                            object.followingUserIds[j] = typeof message.followingUserIds[j] === "number" ? $BigInt(message.followingUserIds[j]) : $util.Long.fromBits(message.followingUserIds[j].low >>> 0, message.followingUserIds[j].high >>> 0, true).toBigInt();
                        else if (typeof message.followingUserIds[j] === "number")
                            object.followingUserIds[j] = options.longs === $String ? $String(message.followingUserIds[j]) : message.followingUserIds[j];
                        else
                            object.followingUserIds[j] = options.longs === $String ? $util.Long.prototype.toString.call(message.followingUserIds[j]) : options.longs === $Number ? new $util.LongBits(message.followingUserIds[j].low >>> 0, message.followingUserIds[j].high >>> 0).toNumber(true) : message.followingUserIds[j];
                }
                if (message.maxResults != null && $Object.hasOwnProperty.call(message, "maxResults"))
                    object.maxResults = message.maxResults;
                if (message.excludeTweetIds && message.excludeTweetIds.length) {
                    object.excludeTweetIds = $Array(message.excludeTweetIds.length);
                    for (let j = 0; j < message.excludeTweetIds.length; ++j)
                        if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                            object.excludeTweetIds[j] = typeof message.excludeTweetIds[j] === "number" ? $BigInt(message.excludeTweetIds[j]) : $util.Long.fromBits(message.excludeTweetIds[j].low >>> 0, message.excludeTweetIds[j].high >>> 0, true).toBigInt();
                        else if (typeof message.excludeTweetIds[j] === "number")
                            object.excludeTweetIds[j] = options.longs === $String ? $String(message.excludeTweetIds[j]) : message.excludeTweetIds[j];
                        else
                            object.excludeTweetIds[j] = options.longs === $String ? $util.Long.prototype.toString.call(message.excludeTweetIds[j]) : options.longs === $Number ? new $util.LongBits(message.excludeTweetIds[j].low >>> 0, message.excludeTweetIds[j].high >>> 0).toNumber(true) : message.excludeTweetIds[j];
                }
                if (message.algorithm != null && $Object.hasOwnProperty.call(message, "algorithm"))
                    object.algorithm = message.algorithm;
                if (message.debug != null && $Object.hasOwnProperty.call(message, "debug"))
                    object.debug = message.debug;
                if (message.isVideoRequest != null && $Object.hasOwnProperty.call(message, "isVideoRequest"))
                    object.isVideoRequest = message.isVideoRequest;
                return object;
            };

            /**
             * Converts this GetInNetworkPostsRequest to JSON.
             * @function toJSON
             * @memberof thunder.v1.GetInNetworkPostsRequest
             * @instance
             * @returns {Object.<string,*>} JSON object
             */
            GetInNetworkPostsRequest.prototype.toJSON = function() {
                return GetInNetworkPostsRequest.toObject(this, $protobuf.util.toJSONOptions);
            };

            return GetInNetworkPostsRequest;
        })();

        v1.GetInNetworkPostsResponse = (function() {

            /**
             * Properties of a GetInNetworkPostsResponse.
             * @typedef {Object} thunder.v1.GetInNetworkPostsResponse.$Properties
             * @property {Array.<thunder.v1.LightPost.$Properties>|null} [posts] GetInNetworkPostsResponse posts
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a GetInNetworkPostsResponse.
             * @memberof thunder.v1
             * @interface IGetInNetworkPostsResponse
             * @augments thunder.v1.GetInNetworkPostsResponse.$Properties
             * @deprecated Use thunder.v1.GetInNetworkPostsResponse.$Properties instead.
             */

            /**
             * Shape of a GetInNetworkPostsResponse.
             * @typedef {thunder.v1.GetInNetworkPostsResponse.$Properties} thunder.v1.GetInNetworkPostsResponse.$Shape
             */

            /**
             * Constructs a new GetInNetworkPostsResponse.
             * @memberof thunder.v1
             * @classdesc Represents a GetInNetworkPostsResponse.
             * @constructor
             * @param {thunder.v1.GetInNetworkPostsResponse.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const GetInNetworkPostsResponse = function (properties) {
                this.posts = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * GetInNetworkPostsResponse posts.
             * @member {Array.<thunder.v1.LightPost.$Properties>} posts
             * @memberof thunder.v1.GetInNetworkPostsResponse
             * @instance
             */
            GetInNetworkPostsResponse.prototype.posts = $util.emptyArray;

            /**
             * Creates a new GetInNetworkPostsResponse instance using the specified properties.
             * @function create
             * @memberof thunder.v1.GetInNetworkPostsResponse
             * @static
             * @param {thunder.v1.GetInNetworkPostsResponse.$Properties=} [properties] Properties to set
             * @returns {thunder.v1.GetInNetworkPostsResponse} GetInNetworkPostsResponse instance
             * @type {{
             *   (properties: thunder.v1.GetInNetworkPostsResponse.$Shape): thunder.v1.GetInNetworkPostsResponse & thunder.v1.GetInNetworkPostsResponse.$Shape;
             *   (properties?: thunder.v1.GetInNetworkPostsResponse.$Properties): thunder.v1.GetInNetworkPostsResponse;
             * }}
             */
            GetInNetworkPostsResponse.create = function(properties) {
                return new GetInNetworkPostsResponse(properties);
            };

            /**
             * Encodes the specified GetInNetworkPostsResponse message. Does not implicitly {@link thunder.v1.GetInNetworkPostsResponse.verify|verify} messages.
             * @function encode
             * @memberof thunder.v1.GetInNetworkPostsResponse
             * @static
             * @param {thunder.v1.GetInNetworkPostsResponse.$Properties} message GetInNetworkPostsResponse message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            GetInNetworkPostsResponse.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.posts != null && message.posts.length)
                    for (let i = 0; i < message.posts.length; ++i)
                        $root.thunder.v1.LightPost.encode(message.posts[i], writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a GetInNetworkPostsResponse message from the specified reader or buffer.
             * @function decode
             * @memberof thunder.v1.GetInNetworkPostsResponse
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {thunder.v1.GetInNetworkPostsResponse & thunder.v1.GetInNetworkPostsResponse.$Shape} GetInNetworkPostsResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            GetInNetworkPostsResponse.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.thunder.v1.GetInNetworkPostsResponse();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if (!(message.posts && message.posts.length))
                                message.posts = [];
                            message.posts.push($root.thunder.v1.LightPost.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            /**
             * Creates a GetInNetworkPostsResponse message from a plain object. Also converts values to their respective internal types.
             * @function fromObject
             * @memberof thunder.v1.GetInNetworkPostsResponse
             * @static
             * @param {Object.<string,*>} object Plain object
             * @returns {thunder.v1.GetInNetworkPostsResponse} GetInNetworkPostsResponse
             */
            GetInNetworkPostsResponse.fromObject = function (object, _depth) {
                if (object instanceof $root.thunder.v1.GetInNetworkPostsResponse)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".thunder.v1.GetInNetworkPostsResponse: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.thunder.v1.GetInNetworkPostsResponse();
                if (object.posts) {
                    if (!$Array.isArray(object.posts))
                        throw $TypeError(".thunder.v1.GetInNetworkPostsResponse.posts: array expected");
                    message.posts = $Array(object.posts.length);
                    for (let i = 0; i < object.posts.length; ++i) {
                        if (!$util.isObject(object.posts[i]))
                            throw $TypeError(".thunder.v1.GetInNetworkPostsResponse.posts: object expected");
                        message.posts[i] = $root.thunder.v1.LightPost.fromObject(object.posts[i], _depth + 1);
                    }
                }
                return message;
            };

            /**
             * Creates a plain object from a GetInNetworkPostsResponse message. Also converts values to other types if specified.
             * @function toObject
             * @memberof thunder.v1.GetInNetworkPostsResponse
             * @static
             * @param {thunder.v1.GetInNetworkPostsResponse} message GetInNetworkPostsResponse
             * @param {$protobuf.IConversionOptions} [options] Conversion options
             * @returns {Object.<string,*>} Plain object
             */
            GetInNetworkPostsResponse.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults)
                    object.posts = [];
                if (message.posts && message.posts.length) {
                    object.posts = $Array(message.posts.length);
                    for (let j = 0; j < message.posts.length; ++j)
                        object.posts[j] = $root.thunder.v1.LightPost.toObject(message.posts[j], options, _depth + 1);
                }
                return object;
            };

            /**
             * Converts this GetInNetworkPostsResponse to JSON.
             * @function toJSON
             * @memberof thunder.v1.GetInNetworkPostsResponse
             * @instance
             * @returns {Object.<string,*>} JSON object
             */
            GetInNetworkPostsResponse.prototype.toJSON = function() {
                return GetInNetworkPostsResponse.toObject(this, $protobuf.util.toJSONOptions);
            };

            return GetInNetworkPostsResponse;
        })();

        v1.LightPost = (function() {

            /**
             * Properties of a LightPost.
             * @typedef {Object} thunder.v1.LightPost.$Properties
             * @property {Long|null} [postId] LightPost postId
             * @property {Long|null} [authorId] LightPost authorId
             * @property {Long|null} [createdAt] LightPost createdAt
             * @property {Long|null} [inReplyToPostId] LightPost inReplyToPostId
             * @property {Long|null} [inReplyToUserId] LightPost inReplyToUserId
             * @property {boolean|null} [isRetweet] LightPost isRetweet
             * @property {boolean|null} [isReply] LightPost isReply
             * @property {Long|null} [sourcePostId] LightPost sourcePostId
             * @property {Long|null} [sourceUserId] LightPost sourceUserId
             * @property {boolean|null} [hasVideo] LightPost hasVideo
             * @property {Long|null} [conversationId] LightPost conversationId
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a LightPost.
             * @memberof thunder.v1
             * @interface ILightPost
             * @augments thunder.v1.LightPost.$Properties
             * @deprecated Use thunder.v1.LightPost.$Properties instead.
             */

            /**
             * Shape of a LightPost.
             * @typedef {thunder.v1.LightPost.$Properties} thunder.v1.LightPost.$Shape
             */

            /**
             * Constructs a new LightPost.
             * @memberof thunder.v1
             * @classdesc Represents a LightPost.
             * @constructor
             * @param {thunder.v1.LightPost.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const LightPost = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * LightPost postId.
             * @member {Long} postId
             * @memberof thunder.v1.LightPost
             * @instance
             */
            LightPost.prototype.postId = $util.Long ? $util.Long.fromBits(0,0,false) : 0;

            /**
             * LightPost authorId.
             * @member {Long} authorId
             * @memberof thunder.v1.LightPost
             * @instance
             */
            LightPost.prototype.authorId = $util.Long ? $util.Long.fromBits(0,0,false) : 0;

            /**
             * LightPost createdAt.
             * @member {Long} createdAt
             * @memberof thunder.v1.LightPost
             * @instance
             */
            LightPost.prototype.createdAt = $util.Long ? $util.Long.fromBits(0,0,false) : 0;

            /**
             * LightPost inReplyToPostId.
             * @member {Long|null|undefined} inReplyToPostId
             * @memberof thunder.v1.LightPost
             * @instance
             */
            LightPost.prototype.inReplyToPostId = null;

            /**
             * LightPost inReplyToUserId.
             * @member {Long|null|undefined} inReplyToUserId
             * @memberof thunder.v1.LightPost
             * @instance
             */
            LightPost.prototype.inReplyToUserId = null;

            /**
             * LightPost isRetweet.
             * @member {boolean} isRetweet
             * @memberof thunder.v1.LightPost
             * @instance
             */
            LightPost.prototype.isRetweet = false;

            /**
             * LightPost isReply.
             * @member {boolean} isReply
             * @memberof thunder.v1.LightPost
             * @instance
             */
            LightPost.prototype.isReply = false;

            /**
             * LightPost sourcePostId.
             * @member {Long|null|undefined} sourcePostId
             * @memberof thunder.v1.LightPost
             * @instance
             */
            LightPost.prototype.sourcePostId = null;

            /**
             * LightPost sourceUserId.
             * @member {Long|null|undefined} sourceUserId
             * @memberof thunder.v1.LightPost
             * @instance
             */
            LightPost.prototype.sourceUserId = null;

            /**
             * LightPost hasVideo.
             * @member {boolean} hasVideo
             * @memberof thunder.v1.LightPost
             * @instance
             */
            LightPost.prototype.hasVideo = false;

            /**
             * LightPost conversationId.
             * @member {Long|null|undefined} conversationId
             * @memberof thunder.v1.LightPost
             * @instance
             */
            LightPost.prototype.conversationId = null;

            // OneOf field names bound to virtual getters and setters
            let $oneOfFields;

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(LightPost.prototype, "_inReplyToPostId", {
                get: $util.oneOfGetter($oneOfFields = ["inReplyToPostId"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(LightPost.prototype, "_inReplyToUserId", {
                get: $util.oneOfGetter($oneOfFields = ["inReplyToUserId"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(LightPost.prototype, "_sourcePostId", {
                get: $util.oneOfGetter($oneOfFields = ["sourcePostId"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(LightPost.prototype, "_sourceUserId", {
                get: $util.oneOfGetter($oneOfFields = ["sourceUserId"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(LightPost.prototype, "_conversationId", {
                get: $util.oneOfGetter($oneOfFields = ["conversationId"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            /**
             * Creates a new LightPost instance using the specified properties.
             * @function create
             * @memberof thunder.v1.LightPost
             * @static
             * @param {thunder.v1.LightPost.$Properties=} [properties] Properties to set
             * @returns {thunder.v1.LightPost} LightPost instance
             * @type {{
             *   (properties: thunder.v1.LightPost.$Shape): thunder.v1.LightPost & thunder.v1.LightPost.$Shape;
             *   (properties?: thunder.v1.LightPost.$Properties): thunder.v1.LightPost;
             * }}
             */
            LightPost.create = function(properties) {
                return new LightPost(properties);
            };

            /**
             * Encodes the specified LightPost message. Does not implicitly {@link thunder.v1.LightPost.verify|verify} messages.
             * @function encode
             * @memberof thunder.v1.LightPost
             * @static
             * @param {thunder.v1.LightPost.$Properties} message LightPost message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            LightPost.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.postId != null && $Object.hasOwnProperty.call(message, "postId") && (typeof message.postId === "object" ? message.postId.low || message.postId.high : message.postId !== 0))
                    writer.uint32(/* id 1, wireType 0 =*/8).int64(message.postId);
                if (message.authorId != null && $Object.hasOwnProperty.call(message, "authorId") && (typeof message.authorId === "object" ? message.authorId.low || message.authorId.high : message.authorId !== 0))
                    writer.uint32(/* id 2, wireType 0 =*/16).int64(message.authorId);
                if (message.createdAt != null && $Object.hasOwnProperty.call(message, "createdAt") && (typeof message.createdAt === "object" ? message.createdAt.low || message.createdAt.high : message.createdAt !== 0))
                    writer.uint32(/* id 3, wireType 0 =*/24).int64(message.createdAt);
                if (message.inReplyToPostId != null && $Object.hasOwnProperty.call(message, "inReplyToPostId"))
                    writer.uint32(/* id 4, wireType 0 =*/32).int64(message.inReplyToPostId);
                if (message.inReplyToUserId != null && $Object.hasOwnProperty.call(message, "inReplyToUserId"))
                    writer.uint32(/* id 5, wireType 0 =*/40).int64(message.inReplyToUserId);
                if (message.isRetweet != null && $Object.hasOwnProperty.call(message, "isRetweet") && message.isRetweet !== false)
                    writer.uint32(/* id 6, wireType 0 =*/48).bool(message.isRetweet);
                if (message.isReply != null && $Object.hasOwnProperty.call(message, "isReply") && message.isReply !== false)
                    writer.uint32(/* id 7, wireType 0 =*/56).bool(message.isReply);
                if (message.sourcePostId != null && $Object.hasOwnProperty.call(message, "sourcePostId"))
                    writer.uint32(/* id 8, wireType 0 =*/64).int64(message.sourcePostId);
                if (message.sourceUserId != null && $Object.hasOwnProperty.call(message, "sourceUserId"))
                    writer.uint32(/* id 9, wireType 0 =*/72).int64(message.sourceUserId);
                if (message.hasVideo != null && $Object.hasOwnProperty.call(message, "hasVideo") && message.hasVideo !== false)
                    writer.uint32(/* id 10, wireType 0 =*/80).bool(message.hasVideo);
                if (message.conversationId != null && $Object.hasOwnProperty.call(message, "conversationId"))
                    writer.uint32(/* id 11, wireType 0 =*/88).int64(message.conversationId);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a LightPost message from the specified reader or buffer.
             * @function decode
             * @memberof thunder.v1.LightPost
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {thunder.v1.LightPost & thunder.v1.LightPost.$Shape} LightPost
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            LightPost.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.thunder.v1.LightPost();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.postId = value;
                            else
                                delete message.postId;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.authorId = value;
                            else
                                delete message.authorId;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.createdAt = value;
                            else
                                delete message.createdAt;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            message.inReplyToPostId = reader.int64();
                            message._inReplyToPostId = "inReplyToPostId";
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            message.inReplyToUserId = reader.int64();
                            message._inReplyToUserId = "inReplyToUserId";
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.isRetweet = value;
                            else
                                delete message.isRetweet;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.isReply = value;
                            else
                                delete message.isReply;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 0)
                                break;
                            message.sourcePostId = reader.int64();
                            message._sourcePostId = "sourcePostId";
                            continue;
                        }
                    case 9: {
                            if (wireType !== 0)
                                break;
                            message.sourceUserId = reader.int64();
                            message._sourceUserId = "sourceUserId";
                            continue;
                        }
                    case 10: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.hasVideo = value;
                            else
                                delete message.hasVideo;
                            continue;
                        }
                    case 11: {
                            if (wireType !== 0)
                                break;
                            message.conversationId = reader.int64();
                            message._conversationId = "conversationId";
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            /**
             * Creates a LightPost message from a plain object. Also converts values to their respective internal types.
             * @function fromObject
             * @memberof thunder.v1.LightPost
             * @static
             * @param {Object.<string,*>} object Plain object
             * @returns {thunder.v1.LightPost} LightPost
             */
            LightPost.fromObject = function (object, _depth) {
                if (object instanceof $root.thunder.v1.LightPost)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".thunder.v1.LightPost: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.thunder.v1.LightPost();
                if (object.postId != null)
                    if (typeof object.postId === "object" ? object.postId.low || object.postId.high : $Number(object.postId) !== 0)
                        if ($util.Long)
                            message.postId = $util.Long.fromValue(object.postId, false);
                        else if (typeof object.postId === "string")
                            message.postId = $parseInt(object.postId, 10);
                        else if (typeof object.postId === "number")
                            message.postId = object.postId;
                        else if (typeof object.postId === "object")
                            message.postId = new $util.LongBits(object.postId.low >>> 0, object.postId.high >>> 0).toNumber();
                if (object.authorId != null)
                    if (typeof object.authorId === "object" ? object.authorId.low || object.authorId.high : $Number(object.authorId) !== 0)
                        if ($util.Long)
                            message.authorId = $util.Long.fromValue(object.authorId, false);
                        else if (typeof object.authorId === "string")
                            message.authorId = $parseInt(object.authorId, 10);
                        else if (typeof object.authorId === "number")
                            message.authorId = object.authorId;
                        else if (typeof object.authorId === "object")
                            message.authorId = new $util.LongBits(object.authorId.low >>> 0, object.authorId.high >>> 0).toNumber();
                if (object.createdAt != null)
                    if (typeof object.createdAt === "object" ? object.createdAt.low || object.createdAt.high : $Number(object.createdAt) !== 0)
                        if ($util.Long)
                            message.createdAt = $util.Long.fromValue(object.createdAt, false);
                        else if (typeof object.createdAt === "string")
                            message.createdAt = $parseInt(object.createdAt, 10);
                        else if (typeof object.createdAt === "number")
                            message.createdAt = object.createdAt;
                        else if (typeof object.createdAt === "object")
                            message.createdAt = new $util.LongBits(object.createdAt.low >>> 0, object.createdAt.high >>> 0).toNumber();
                if (object.inReplyToPostId != null)
                    if ($util.Long)
                        message.inReplyToPostId = $util.Long.fromValue(object.inReplyToPostId, false);
                    else if (typeof object.inReplyToPostId === "string")
                        message.inReplyToPostId = $parseInt(object.inReplyToPostId, 10);
                    else if (typeof object.inReplyToPostId === "number")
                        message.inReplyToPostId = object.inReplyToPostId;
                    else if (typeof object.inReplyToPostId === "object")
                        message.inReplyToPostId = new $util.LongBits(object.inReplyToPostId.low >>> 0, object.inReplyToPostId.high >>> 0).toNumber();
                if (object.inReplyToUserId != null)
                    if ($util.Long)
                        message.inReplyToUserId = $util.Long.fromValue(object.inReplyToUserId, false);
                    else if (typeof object.inReplyToUserId === "string")
                        message.inReplyToUserId = $parseInt(object.inReplyToUserId, 10);
                    else if (typeof object.inReplyToUserId === "number")
                        message.inReplyToUserId = object.inReplyToUserId;
                    else if (typeof object.inReplyToUserId === "object")
                        message.inReplyToUserId = new $util.LongBits(object.inReplyToUserId.low >>> 0, object.inReplyToUserId.high >>> 0).toNumber();
                if (object.isRetweet != null)
                    if (object.isRetweet)
                        message.isRetweet = $Boolean(object.isRetweet);
                if (object.isReply != null)
                    if (object.isReply)
                        message.isReply = $Boolean(object.isReply);
                if (object.sourcePostId != null)
                    if ($util.Long)
                        message.sourcePostId = $util.Long.fromValue(object.sourcePostId, false);
                    else if (typeof object.sourcePostId === "string")
                        message.sourcePostId = $parseInt(object.sourcePostId, 10);
                    else if (typeof object.sourcePostId === "number")
                        message.sourcePostId = object.sourcePostId;
                    else if (typeof object.sourcePostId === "object")
                        message.sourcePostId = new $util.LongBits(object.sourcePostId.low >>> 0, object.sourcePostId.high >>> 0).toNumber();
                if (object.sourceUserId != null)
                    if ($util.Long)
                        message.sourceUserId = $util.Long.fromValue(object.sourceUserId, false);
                    else if (typeof object.sourceUserId === "string")
                        message.sourceUserId = $parseInt(object.sourceUserId, 10);
                    else if (typeof object.sourceUserId === "number")
                        message.sourceUserId = object.sourceUserId;
                    else if (typeof object.sourceUserId === "object")
                        message.sourceUserId = new $util.LongBits(object.sourceUserId.low >>> 0, object.sourceUserId.high >>> 0).toNumber();
                if (object.hasVideo != null)
                    if (object.hasVideo)
                        message.hasVideo = $Boolean(object.hasVideo);
                if (object.conversationId != null)
                    if ($util.Long)
                        message.conversationId = $util.Long.fromValue(object.conversationId, false);
                    else if (typeof object.conversationId === "string")
                        message.conversationId = $parseInt(object.conversationId, 10);
                    else if (typeof object.conversationId === "number")
                        message.conversationId = object.conversationId;
                    else if (typeof object.conversationId === "object")
                        message.conversationId = new $util.LongBits(object.conversationId.low >>> 0, object.conversationId.high >>> 0).toNumber();
                return message;
            };

            /**
             * Creates a plain object from a LightPost message. Also converts values to other types if specified.
             * @function toObject
             * @memberof thunder.v1.LightPost
             * @static
             * @param {thunder.v1.LightPost} message LightPost
             * @param {$protobuf.IConversionOptions} [options] Conversion options
             * @returns {Object.<string,*>} Plain object
             */
            LightPost.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.postId = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.postId = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.authorId = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.authorId = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.createdAt = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.createdAt = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    object.isRetweet = false;
                    object.isReply = false;
                    object.hasVideo = false;
                }
                if (message.postId != null && $Object.hasOwnProperty.call(message, "postId"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.postId = typeof message.postId === "number" ? $BigInt(message.postId) : $util.Long.fromBits(message.postId.low >>> 0, message.postId.high >>> 0, false).toBigInt();
                    else if (typeof message.postId === "number")
                        object.postId = options.longs === $String ? $String(message.postId) : message.postId;
                    else
                        object.postId = options.longs === $String ? $util.Long.prototype.toString.call(message.postId) : options.longs === $Number ? new $util.LongBits(message.postId.low >>> 0, message.postId.high >>> 0).toNumber() : message.postId;
                if (message.authorId != null && $Object.hasOwnProperty.call(message, "authorId"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.authorId = typeof message.authorId === "number" ? $BigInt(message.authorId) : $util.Long.fromBits(message.authorId.low >>> 0, message.authorId.high >>> 0, false).toBigInt();
                    else if (typeof message.authorId === "number")
                        object.authorId = options.longs === $String ? $String(message.authorId) : message.authorId;
                    else
                        object.authorId = options.longs === $String ? $util.Long.prototype.toString.call(message.authorId) : options.longs === $Number ? new $util.LongBits(message.authorId.low >>> 0, message.authorId.high >>> 0).toNumber() : message.authorId;
                if (message.createdAt != null && $Object.hasOwnProperty.call(message, "createdAt"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.createdAt = typeof message.createdAt === "number" ? $BigInt(message.createdAt) : $util.Long.fromBits(message.createdAt.low >>> 0, message.createdAt.high >>> 0, false).toBigInt();
                    else if (typeof message.createdAt === "number")
                        object.createdAt = options.longs === $String ? $String(message.createdAt) : message.createdAt;
                    else
                        object.createdAt = options.longs === $String ? $util.Long.prototype.toString.call(message.createdAt) : options.longs === $Number ? new $util.LongBits(message.createdAt.low >>> 0, message.createdAt.high >>> 0).toNumber() : message.createdAt;
                if (message.inReplyToPostId != null && $Object.hasOwnProperty.call(message, "inReplyToPostId"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.inReplyToPostId = typeof message.inReplyToPostId === "number" ? $BigInt(message.inReplyToPostId) : $util.Long.fromBits(message.inReplyToPostId.low >>> 0, message.inReplyToPostId.high >>> 0, false).toBigInt();
                    else if (typeof message.inReplyToPostId === "number")
                        object.inReplyToPostId = options.longs === $String ? $String(message.inReplyToPostId) : message.inReplyToPostId;
                    else
                        object.inReplyToPostId = options.longs === $String ? $util.Long.prototype.toString.call(message.inReplyToPostId) : options.longs === $Number ? new $util.LongBits(message.inReplyToPostId.low >>> 0, message.inReplyToPostId.high >>> 0).toNumber() : message.inReplyToPostId;
                if (message.inReplyToUserId != null && $Object.hasOwnProperty.call(message, "inReplyToUserId"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.inReplyToUserId = typeof message.inReplyToUserId === "number" ? $BigInt(message.inReplyToUserId) : $util.Long.fromBits(message.inReplyToUserId.low >>> 0, message.inReplyToUserId.high >>> 0, false).toBigInt();
                    else if (typeof message.inReplyToUserId === "number")
                        object.inReplyToUserId = options.longs === $String ? $String(message.inReplyToUserId) : message.inReplyToUserId;
                    else
                        object.inReplyToUserId = options.longs === $String ? $util.Long.prototype.toString.call(message.inReplyToUserId) : options.longs === $Number ? new $util.LongBits(message.inReplyToUserId.low >>> 0, message.inReplyToUserId.high >>> 0).toNumber() : message.inReplyToUserId;
                if (message.isRetweet != null && $Object.hasOwnProperty.call(message, "isRetweet"))
                    object.isRetweet = message.isRetweet;
                if (message.isReply != null && $Object.hasOwnProperty.call(message, "isReply"))
                    object.isReply = message.isReply;
                if (message.sourcePostId != null && $Object.hasOwnProperty.call(message, "sourcePostId"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.sourcePostId = typeof message.sourcePostId === "number" ? $BigInt(message.sourcePostId) : $util.Long.fromBits(message.sourcePostId.low >>> 0, message.sourcePostId.high >>> 0, false).toBigInt();
                    else if (typeof message.sourcePostId === "number")
                        object.sourcePostId = options.longs === $String ? $String(message.sourcePostId) : message.sourcePostId;
                    else
                        object.sourcePostId = options.longs === $String ? $util.Long.prototype.toString.call(message.sourcePostId) : options.longs === $Number ? new $util.LongBits(message.sourcePostId.low >>> 0, message.sourcePostId.high >>> 0).toNumber() : message.sourcePostId;
                if (message.sourceUserId != null && $Object.hasOwnProperty.call(message, "sourceUserId"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.sourceUserId = typeof message.sourceUserId === "number" ? $BigInt(message.sourceUserId) : $util.Long.fromBits(message.sourceUserId.low >>> 0, message.sourceUserId.high >>> 0, false).toBigInt();
                    else if (typeof message.sourceUserId === "number")
                        object.sourceUserId = options.longs === $String ? $String(message.sourceUserId) : message.sourceUserId;
                    else
                        object.sourceUserId = options.longs === $String ? $util.Long.prototype.toString.call(message.sourceUserId) : options.longs === $Number ? new $util.LongBits(message.sourceUserId.low >>> 0, message.sourceUserId.high >>> 0).toNumber() : message.sourceUserId;
                if (message.hasVideo != null && $Object.hasOwnProperty.call(message, "hasVideo"))
                    object.hasVideo = message.hasVideo;
                if (message.conversationId != null && $Object.hasOwnProperty.call(message, "conversationId"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.conversationId = typeof message.conversationId === "number" ? $BigInt(message.conversationId) : $util.Long.fromBits(message.conversationId.low >>> 0, message.conversationId.high >>> 0, false).toBigInt();
                    else if (typeof message.conversationId === "number")
                        object.conversationId = options.longs === $String ? $String(message.conversationId) : message.conversationId;
                    else
                        object.conversationId = options.longs === $String ? $util.Long.prototype.toString.call(message.conversationId) : options.longs === $Number ? new $util.LongBits(message.conversationId.low >>> 0, message.conversationId.high >>> 0).toNumber() : message.conversationId;
                return object;
            };

            /**
             * Converts this LightPost to JSON.
             * @function toJSON
             * @memberof thunder.v1.LightPost
             * @instance
             * @returns {Object.<string,*>} JSON object
             */
            LightPost.prototype.toJSON = function() {
                return LightPost.toObject(this, $protobuf.util.toJSONOptions);
            };

            return LightPost;
        })();

        return v1;
    })();

    return thunder;
})();

export {
  $root as default
};
