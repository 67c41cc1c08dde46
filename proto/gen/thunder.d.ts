import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

/** Namespace thunder. */
export namespace thunder {

    /** Namespace v1. */
    namespace v1 {

        /**
         * Properties of an InNetworkEvent.
         * @deprecated Use thunder.v1.InNetworkEvent.$Properties instead.
         */
        interface IInNetworkEvent extends thunder.v1.InNetworkEvent.$Properties {
        }

        /** Represents an InNetworkEvent. */
        class InNetworkEvent {

            /**
             * Constructs a new InNetworkEvent.
             * @param [properties] Properties to set
             */
            constructor(properties?: thunder.v1.InNetworkEvent.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** InNetworkEvent tweetCreateEvent. */
            tweetCreateEvent?: (thunder.v1.TweetCreateEvent.$Properties|null);

            /** InNetworkEvent tweetDeleteEvent. */
            tweetDeleteEvent?: (thunder.v1.TweetDeleteEvent.$Properties|null);

            /** InNetworkEvent eventVariant. */
            eventVariant?: ("tweetCreateEvent"|"tweetDeleteEvent");

            /**
             * Creates a new InNetworkEvent instance using the specified properties.
             * @param [properties] Properties to set
             * @returns InNetworkEvent instance
             */
            static create(properties: thunder.v1.InNetworkEvent.$Shape): thunder.v1.InNetworkEvent & thunder.v1.InNetworkEvent.$Shape;
            static create(properties?: thunder.v1.InNetworkEvent.$Properties): thunder.v1.InNetworkEvent;

            /**
             * Encodes the specified InNetworkEvent message. Does not implicitly {@link thunder.v1.InNetworkEvent.verify|verify} messages.
             * @param message InNetworkEvent message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: thunder.v1.InNetworkEvent.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an InNetworkEvent message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {thunder.v1.InNetworkEvent & thunder.v1.InNetworkEvent.$Shape} InNetworkEvent
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): thunder.v1.InNetworkEvent & thunder.v1.InNetworkEvent.$Shape;

            /**
             * Creates an InNetworkEvent message from a plain object. Also converts values to their respective internal types.
             * @param object Plain object
             * @returns InNetworkEvent
             */
            static fromObject(object: { [k: string]: any }): thunder.v1.InNetworkEvent;

            /**
             * Creates a plain object from an InNetworkEvent message. Also converts values to other types if specified.
             * @param message InNetworkEvent
             * @param [options] Conversion options
             * @returns Plain object
             */
            static toObject(message: thunder.v1.InNetworkEvent, options?: $protobuf.IConversionOptions): { [k: string]: any };

            /**
             * Converts this InNetworkEvent to JSON.
             * @returns JSON object
             */
            toJSON(): { [k: string]: any };
        }

        namespace InNetworkEvent {

            /** Properties of an InNetworkEvent. */
            interface $Properties {

                /** InNetworkEvent tweetCreateEvent */
                tweetCreateEvent?: (thunder.v1.TweetCreateEvent.$Properties|null);

                /** InNetworkEvent tweetDeleteEvent */
                tweetDeleteEvent?: (thunder.v1.TweetDeleteEvent.$Properties|null);

                /** InNetworkEvent eventVariant */
                eventVariant?: ("tweetCreateEvent"|"tweetDeleteEvent");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of an InNetworkEvent. */
            type $Shape = {
              tweetCreateEvent?: thunder.v1.TweetCreateEvent.$Shape|null;
              tweetDeleteEvent?: thunder.v1.TweetDeleteEvent.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ eventVariant?: undefined; tweetCreateEvent?: null; tweetDeleteEvent?: null }|{ eventVariant?: "tweetCreateEvent"; tweetCreateEvent: thunder.v1.TweetCreateEvent.$Shape; tweetDeleteEvent?: null }|{ eventVariant?: "tweetDeleteEvent"; tweetCreateEvent?: null; tweetDeleteEvent: thunder.v1.TweetDeleteEvent.$Shape })
            );
        }

        /**
         * Properties of a TweetCreateEvent.
         * @deprecated Use thunder.v1.TweetCreateEvent.$Properties instead.
         */
        interface ITweetCreateEvent extends thunder.v1.TweetCreateEvent.$Properties {
        }

        /** Represents a TweetCreateEvent. */
        class TweetCreateEvent {

            /**
             * Constructs a new TweetCreateEvent.
             * @param [properties] Properties to set
             */
            constructor(properties?: thunder.v1.TweetCreateEvent.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** TweetCreateEvent postId. */
            postId: Long;

            /** TweetCreateEvent authorId. */
            authorId: Long;

            /** TweetCreateEvent createdAt. */
            createdAt: Long;

            /** TweetCreateEvent inReplyToPostId. */
            inReplyToPostId?: (Long|null);

            /** TweetCreateEvent inReplyToUserId. */
            inReplyToUserId?: (Long|null);

            /** TweetCreateEvent isRetweet. */
            isRetweet: boolean;

            /** TweetCreateEvent isReply. */
            isReply: boolean;

            /** TweetCreateEvent sourcePostId. */
            sourcePostId?: (Long|null);

            /** TweetCreateEvent sourceUserId. */
            sourceUserId?: (Long|null);

            /** TweetCreateEvent hasVideo. */
            hasVideo: boolean;

            /** TweetCreateEvent conversationId. */
            conversationId?: (Long|null);

            /**
             * Creates a new TweetCreateEvent instance using the specified properties.
             * @param [properties] Properties to set
             * @returns TweetCreateEvent instance
             */
            static create(properties: thunder.v1.TweetCreateEvent.$Shape): thunder.v1.TweetCreateEvent & thunder.v1.TweetCreateEvent.$Shape;
            static create(properties?: thunder.v1.TweetCreateEvent.$Properties): thunder.v1.TweetCreateEvent;

            /**
             * Encodes the specified TweetCreateEvent message. Does not implicitly {@link thunder.v1.TweetCreateEvent.verify|verify} messages.
             * @param message TweetCreateEvent message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: thunder.v1.TweetCreateEvent.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TweetCreateEvent message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {thunder.v1.TweetCreateEvent & thunder.v1.TweetCreateEvent.$Shape} TweetCreateEvent
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): thunder.v1.TweetCreateEvent & thunder.v1.TweetCreateEvent.$Shape;

            /**
             * Creates a TweetCreateEvent message from a plain object. Also converts values to their respective internal types.
             * @param object Plain object
             * @returns TweetCreateEvent
             */
            static fromObject(object: { [k: string]: any }): thunder.v1.TweetCreateEvent;

            /**
             * Creates a plain object from a TweetCreateEvent message. Also converts values to other types if specified.
             * @param message TweetCreateEvent
             * @param [options] Conversion options
             * @returns Plain object
             */
            static toObject(message: thunder.v1.TweetCreateEvent, options?: $protobuf.IConversionOptions): { [k: string]: any };

            /**
             * Converts this TweetCreateEvent to JSON.
             * @returns JSON object
             */
            toJSON(): { [k: string]: any };
        }

        namespace TweetCreateEvent {

            /** Properties of a TweetCreateEvent. */
            interface $Properties {

                /** TweetCreateEvent postId */
                postId?: (Long|null);

                /** TweetCreateEvent authorId */
                authorId?: (Long|null);

                /** TweetCreateEvent createdAt */
                createdAt?: (Long|null);

                /** TweetCreateEvent inReplyToPostId */
                inReplyToPostId?: (Long|null);

                /** TweetCreateEvent inReplyToUserId */
                inReplyToUserId?: (Long|null);

                /** TweetCreateEvent isRetweet */
                isRetweet?: (boolean|null);

                /** TweetCreateEvent isReply */
                isReply?: (boolean|null);

                /** TweetCreateEvent sourcePostId */
                sourcePostId?: (Long|null);

                /** TweetCreateEvent sourceUserId */
                sourceUserId?: (Long|null);

                /** TweetCreateEvent hasVideo */
                hasVideo?: (boolean|null);

                /** TweetCreateEvent conversationId */
                conversationId?: (Long|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a TweetCreateEvent. */
            type $Shape = thunder.v1.TweetCreateEvent.$Properties;
        }

        /**
         * Properties of a TweetDeleteEvent.
         * @deprecated Use thunder.v1.TweetDeleteEvent.$Properties instead.
         */
        interface ITweetDeleteEvent extends thunder.v1.TweetDeleteEvent.$Properties {
        }

        /** Represents a TweetDeleteEvent. */
        class TweetDeleteEvent {

            /**
             * Constructs a new TweetDeleteEvent.
             * @param [properties] Properties to set
             */
            constructor(properties?: thunder.v1.TweetDeleteEvent.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** TweetDeleteEvent postId. */
            postId: Long;

            /** TweetDeleteEvent deletedAt. */
            deletedAt: Long;

            /** TweetDeleteEvent authorId. */
            authorId?: (Long|null);

            /**
             * Creates a new TweetDeleteEvent instance using the specified properties.
             * @param [properties] Properties to set
             * @returns TweetDeleteEvent instance
             */
            static create(properties: thunder.v1.TweetDeleteEvent.$Shape): thunder.v1.TweetDeleteEvent & thunder.v1.TweetDeleteEvent.$Shape;
            static create(properties?: thunder.v1.TweetDeleteEvent.$Properties): thunder.v1.TweetDeleteEvent;

            /**
             * Encodes the specified TweetDeleteEvent message. Does not implicitly {@link thunder.v1.TweetDeleteEvent.verify|verify} messages.
             * @param message TweetDeleteEvent message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: thunder.v1.TweetDeleteEvent.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TweetDeleteEvent message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {thunder.v1.TweetDeleteEvent & thunder.v1.TweetDeleteEvent.$Shape} TweetDeleteEvent
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): thunder.v1.TweetDeleteEvent & thunder.v1.TweetDeleteEvent.$Shape;

            /**
             * Creates a TweetDeleteEvent message from a plain object. Also converts values to their respective internal types.
             * @param object Plain object
             * @returns TweetDeleteEvent
             */
            static fromObject(object: { [k: string]: any }): thunder.v1.TweetDeleteEvent;

            /**
             * Creates a plain object from a TweetDeleteEvent message. Also converts values to other types if specified.
             * @param message TweetDeleteEvent
             * @param [options] Conversion options
             * @returns Plain object
             */
            static toObject(message: thunder.v1.TweetDeleteEvent, options?: $protobuf.IConversionOptions): { [k: string]: any };

            /**
             * Converts this TweetDeleteEvent to JSON.
             * @returns JSON object
             */
            toJSON(): { [k: string]: any };
        }

        namespace TweetDeleteEvent {

            /** Properties of a TweetDeleteEvent. */
            interface $Properties {

                /** TweetDeleteEvent postId */
                postId?: (Long|null);

                /** TweetDeleteEvent deletedAt */
                deletedAt?: (Long|null);

                /** TweetDeleteEvent authorId */
                authorId?: (Long|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a TweetDeleteEvent. */
            type $Shape = thunder.v1.TweetDeleteEvent.$Properties;
        }

        /**
         * Properties of a GetInNetworkPostsRequest.
         * @deprecated Use thunder.v1.GetInNetworkPostsRequest.$Properties instead.
         */
        interface IGetInNetworkPostsRequest extends thunder.v1.GetInNetworkPostsRequest.$Properties {
        }

        /** Represents a GetInNetworkPostsRequest. */
        class GetInNetworkPostsRequest {

            /**
             * Constructs a new GetInNetworkPostsRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: thunder.v1.GetInNetworkPostsRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** GetInNetworkPostsRequest userId. */
            userId: Long;

            /** GetInNetworkPostsRequest followingUserIds. */
            followingUserIds: Long[];

            /** GetInNetworkPostsRequest maxResults. */
            maxResults: number;

            /** GetInNetworkPostsRequest excludeTweetIds. */
            excludeTweetIds: Long[];

            /** GetInNetworkPostsRequest algorithm. */
            algorithm: string;

            /** GetInNetworkPostsRequest debug. */
            debug: boolean;

            /** GetInNetworkPostsRequest isVideoRequest. */
            isVideoRequest: boolean;

            /**
             * Creates a new GetInNetworkPostsRequest instance using the specified properties.
             * @param [properties] Properties to set
             * @returns GetInNetworkPostsRequest instance
             */
            static create(properties: thunder.v1.GetInNetworkPostsRequest.$Shape): thunder.v1.GetInNetworkPostsRequest & thunder.v1.GetInNetworkPostsRequest.$Shape;
            static create(properties?: thunder.v1.GetInNetworkPostsRequest.$Properties): thunder.v1.GetInNetworkPostsRequest;

            /**
             * Encodes the specified GetInNetworkPostsRequest message. Does not implicitly {@link thunder.v1.GetInNetworkPostsRequest.verify|verify} messages.
             * @param message GetInNetworkPostsRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: thunder.v1.GetInNetworkPostsRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GetInNetworkPostsRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {thunder.v1.GetInNetworkPostsRequest & thunder.v1.GetInNetworkPostsRequest.$Shape} GetInNetworkPostsRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): thunder.v1.GetInNetworkPostsRequest & thunder.v1.GetInNetworkPostsRequest.$Shape;

            /**
             * Creates a GetInNetworkPostsRequest message from a plain object. Also converts values to their respective internal types.
             * @param object Plain object
             * @returns GetInNetworkPostsRequest
             */
            static fromObject(object: { [k: string]: any }): thunder.v1.GetInNetworkPostsRequest;

            /**
             * Creates a plain object from a GetInNetworkPostsRequest message. Also converts values to other types if specified.
             * @param message GetInNetworkPostsRequest
             * @param [options] Conversion options
             * @returns Plain object
             */
            static toObject(message: thunder.v1.GetInNetworkPostsRequest, options?: $protobuf.IConversionOptions): { [k: string]: any };

            /**
             * Converts this GetInNetworkPostsRequest to JSON.
             * @returns JSON object
             */
            toJSON(): { [k: string]: any };
        }

        namespace GetInNetworkPostsRequest {

            /** Properties of a GetInNetworkPostsRequest. */
            interface $Properties {

                /** GetInNetworkPostsRequest userId */
                userId?: (Long|null);

                /** GetInNetworkPostsRequest followingUserIds */
                followingUserIds?: (Long[]|null);

                /** GetInNetworkPostsRequest maxResults */
                maxResults?: (number|null);

                /** GetInNetworkPostsRequest excludeTweetIds */
                excludeTweetIds?: (Long[]|null);

                /** GetInNetworkPostsRequest algorithm */
                algorithm?: (string|null);

                /** GetInNetworkPostsRequest debug */
                debug?: (boolean|null);

                /** GetInNetworkPostsRequest isVideoRequest */
                isVideoRequest?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GetInNetworkPostsRequest. */
            type $Shape = thunder.v1.GetInNetworkPostsRequest.$Properties;
        }

        /**
         * Properties of a GetInNetworkPostsResponse.
         * @deprecated Use thunder.v1.GetInNetworkPostsResponse.$Properties instead.
         */
        interface IGetInNetworkPostsResponse extends thunder.v1.GetInNetworkPostsResponse.$Properties {
        }

        /** Represents a GetInNetworkPostsResponse. */
        class GetInNetworkPostsResponse {

            /**
             * Constructs a new GetInNetworkPostsResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: thunder.v1.GetInNetworkPostsResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** GetInNetworkPostsResponse posts. */
            posts: thunder.v1.LightPost.$Properties[];

            /**
             * Creates a new GetInNetworkPostsResponse instance using the specified properties.
             * @param [properties] Properties to set
             * @returns GetInNetworkPostsResponse instance
             */
            static create(properties: thunder.v1.GetInNetworkPostsResponse.$Shape): thunder.v1.GetInNetworkPostsResponse & thunder.v1.GetInNetworkPostsResponse.$Shape;
            static create(properties?: thunder.v1.GetInNetworkPostsResponse.$Properties): thunder.v1.GetInNetworkPostsResponse;

            /**
             * Encodes the specified GetInNetworkPostsResponse message. Does not implicitly {@link thunder.v1.GetInNetworkPostsResponse.verify|verify} messages.
             * @param message GetInNetworkPostsResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: thunder.v1.GetInNetworkPostsResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GetInNetworkPostsResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {thunder.v1.GetInNetworkPostsResponse & thunder.v1.GetInNetworkPostsResponse.$Shape} GetInNetworkPostsResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): thunder.v1.GetInNetworkPostsResponse & thunder.v1.GetInNetworkPostsResponse.$Shape;

            /**
             * Creates a GetInNetworkPostsResponse message from a plain object. Also converts values to their respective internal types.
             * @param object Plain object
             * @returns GetInNetworkPostsResponse
             */
            static fromObject(object: { [k: string]: any }): thunder.v1.GetInNetworkPostsResponse;

            /**
             * Creates a plain object from a GetInNetworkPostsResponse message. Also converts values to other types if specified.
             * @param message GetInNetworkPostsResponse
             * @param [options] Conversion options
             * @returns Plain object
             */
            static toObject(message: thunder.v1.GetInNetworkPostsResponse, options?: $protobuf.IConversionOptions): { [k: string]: any };

            /**
             * Converts this GetInNetworkPostsResponse to JSON.
             * @returns JSON object
             */
            toJSON(): { [k: string]: any };
        }

        namespace GetInNetworkPostsResponse {

            /** Properties of a GetInNetworkPostsResponse. */
            interface $Properties {

                /** GetInNetworkPostsResponse posts */
                posts?: (thunder.v1.LightPost.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GetInNetworkPostsResponse. */
            type $Shape = thunder.v1.GetInNetworkPostsResponse.$Properties;
        }

        /**
         * Properties of a LightPost.
         * @deprecated Use thunder.v1.LightPost.$Properties instead.
         */
        interface ILightPost extends thunder.v1.LightPost.$Properties {
        }

        /** Represents a LightPost. */
        class LightPost {

            /**
             * Constructs a new LightPost.
             * @param [properties] Properties to set
             */
            constructor(properties?: thunder.v1.LightPost.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** LightPost postId. */
            postId: Long;

            /** LightPost authorId. */
            authorId: Long;

            /** LightPost createdAt. */
            createdAt: Long;

            /** LightPost inReplyToPostId. */
            inReplyToPostId?: (Long|null);

            /** LightPost inReplyToUserId. */
            inReplyToUserId?: (Long|null);

            /** LightPost isRetweet. */
            isRetweet: boolean;

            /** LightPost isReply. */
            isReply: boolean;

            /** LightPost sourcePostId. */
            sourcePostId?: (Long|null);

            /** LightPost sourceUserId. */
            sourceUserId?: (Long|null);

            /** LightPost hasVideo. */
            hasVideo: boolean;

            /** LightPost conversationId. */
            conversationId?: (Long|null);

            /**
             * Creates a new LightPost instance using the specified properties.
             * @param [properties] Properties to set
             * @returns LightPost instance
             */
            static create(properties: thunder.v1.LightPost.$Shape): thunder.v1.LightPost & thunder.v1.LightPost.$Shape;
            static create(properties?: thunder.v1.LightPost.$Properties): thunder.v1.LightPost;

            /**
             * Encodes the specified LightPost message. Does not implicitly {@link thunder.v1.LightPost.verify|verify} messages.
             * @param message LightPost message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: thunder.v1.LightPost.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a LightPost message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {thunder.v1.LightPost & thunder.v1.LightPost.$Shape} LightPost
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): thunder.v1.LightPost & thunder.v1.LightPost.$Shape;

            /**
             * Creates a LightPost message from a plain object. Also converts values to their respective internal types.
             * @param object Plain object
             * @returns LightPost
             */
            static fromObject(object: { [k: string]: any }): thunder.v1.LightPost;

            /**
             * Creates a plain object from a LightPost message. Also converts values to other types if specified.
             * @param message LightPost
             * @param [options] Conversion options
             * @returns Plain object
             */
            static toObject(message: thunder.v1.LightPost, options?: $protobuf.IConversionOptions): { [k: string]: any };

            /**
             * Converts this LightPost to JSON.
             * @returns JSON object
             */
            toJSON(): { [k: string]: any };
        }

        namespace LightPost {

            /** Properties of a LightPost. */
            interface $Properties {

                /** LightPost postId */
                postId?: (Long|null);

                /** LightPost authorId */
                authorId?: (Long|null);

                /** LightPost createdAt */
                createdAt?: (Long|null);

                /** LightPost inReplyToPostId */
                inReplyToPostId?: (Long|null);

                /** LightPost inReplyToUserId */
                inReplyToUserId?: (Long|null);

                /** LightPost isRetweet */
                isRetweet?: (boolean|null);

                /** LightPost isReply */
                isReply?: (boolean|null);

                /** LightPost sourcePostId */
                sourcePostId?: (Long|null);

                /** LightPost sourceUserId */
                sourceUserId?: (Long|null);

                /** LightPost hasVideo */
                hasVideo?: (boolean|null);

                /** LightPost conversationId */
                conversationId?: (Long|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a LightPost. */
            type $Shape = thunder.v1.LightPost.$Properties;
        }
    }
}
