// What a resource id is made of. An id of another kind, or one with a slash at its end, is refused before anything is made.

func kindOf(parts string[]) string =>
  toLower(join(concat([parts[?6] ?? '', parts[?7] ?? ''], empty(parts[?9] ?? '') ? [] : [parts[?9] ?? '']), '/'))

func isOf(parts string[], kind string) bool =>
  length(parts) == 2 * length(split(kind, '/')) + 5 && empty(parts[0]) && kindOf(parts) == toLower(kind)

@export()
@description('The parts of a resource id of this kind; of an id of nothing where none is given.')
func partsOf(id string, kind string, nowhere string) string[] =>
  empty(id)
    ? split(nowhere, '/')
    : isOf(split(id, '/'), kind)
        ? split(id, '/')
        : fail('"${id}" is no id of ${kind}: /subscriptions/ID/resourceGroups/NAME/providers/… as `az resource show --query id` prints it, without a slash at its end.')
