// Reading from pages: every read carries the site and the moment of the address,
// and what it says of when it is sets the pages' clock.

import { keepPreviousData, QueryClient, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useAddress } from "../app/place";
import { setMoment } from "../parts/dates";
import { ApiProblem, type Params, read, write, type WriteOptions } from "./client";
import type { Session } from "./draft";

export const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) => error instanceof ApiProblem && error.unreachable && failures < 2,
    },
  },
});

export function useMoment(): { site: string | undefined; as_of: string | undefined } {
  const [search] = useAddress();
  return { site: search["site"], as_of: search["as_of"] };
}

async function dated<T>(path: string, params: Params, signal: AbortSignal): Promise<T> {
  const answer = await read<T>(path, params, signal);
  const at = (answer as { as_of?: string } | null)?.as_of;
  if (at) setMoment(at, Boolean(params["as_of"]));
  return answer;
}

/** Without what is not set, so that the same question has one name. */
function given(params: Params): Params {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined && value !== "" && value !== null));
}

/** One answer about the hospital. */
export function useRead<T>(path: string | null, params: Params = {}) {
  const moment = useMoment();
  const all = given({ ...params, ...moment });
  return useQuery<T, ApiProblem>({
    queryKey: [path, all],
    queryFn: ({ signal }) => dated<T>(path ?? "", all, signal),
    enabled: path !== null,
    placeholderData: keepPreviousData,
  });
}

/** A list that comes in pages: sorted, filtered and cut by the server. */
export function useList<T extends { next: string | null }>(path: string, params: Params, enabled = true) {
  const moment = useMoment();
  const all = given({ ...params, ...moment });
  return useInfiniteQuery<T, ApiProblem>({
    queryKey: [path, all, "list"],
    queryFn: ({ signal, pageParam }) => dated<T>(path, { ...all, after: pageParam as string | undefined }, signal),
    initialPageParam: undefined,
    getNextPageParam: (last: T) => last.next ?? undefined,
    enabled,
    placeholderData: keepPreviousData,
  });
}

const SESSION = {
  queryKey: ["session"],
  queryFn: ({ signal }: { signal: AbortSignal }) => read<Session>("/session", {}, signal),
  staleTime: 5 * 60_000,
  retry: false as const,
};

/** Asked before anything is drawn, so that the page does not wait for it twice. */
export function askSession(): void {
  void client.prefetchQuery(SESSION);
}

export function useSession() {
  return useQuery<Session, ApiProblem>(SESSION);
}

/** A write; what it touches is read again afterwards. */
export function useWrite<Body, Answer = unknown>(path: string | ((body: Body) => string), options: WriteOptions & { touches?: string[] } = {}) {
  const queries = useQueryClient();
  const moment = useMoment();
  return useMutation<Answer, ApiProblem, Body>({
    mutationFn: (body) =>
      write<Answer>(typeof path === "string" ? path : path(body), options.method === "DELETE" ? undefined : body, {
        ...options,
        params: { site: moment.site, ...options.params },
      }),
    onSuccess: async () => {
      const touches = options.touches ?? [];
      await queries.invalidateQueries({
        predicate: ({ queryKey }) => touches.some((it) => String(queryKey[0] ?? "").startsWith(it)),
      });
    },
  });
}
