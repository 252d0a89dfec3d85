import { Converter, type Application, type Comment, type Context } from 'typedoc';

/** A typedoc plugin: keeps the `{ErrorClass}` of `@throws {ErrorClass} when …`, which themes for markdown leave out. */
export function load(app: Application): void {
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }: Context) => {
    for (const reflection of Object.values(project.reflections)) {
      if (reflection.comment !== undefined) keepThrownTypes(reflection.comment);
    }
  });
}

function keepThrownTypes(comment: Comment): void {
  for (const tag of comment.blockTags) {
    const type = tag.typeAnnotation?.replace(/^\{|\}$/g, '');
    if (tag.tag !== '@throws' || type === undefined) continue;
    tag.content = [{ kind: 'code', text: `\`${type}\`` }, { kind: 'text', text: ' ' }, ...tag.content];
  }
}
