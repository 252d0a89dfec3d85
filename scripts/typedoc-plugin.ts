import { Converter, PageEvent, type Application, type Comment, type Context } from 'typedoc';

/** Anchors of table rows are numbered through a page, so that one more property would change hundreds of lines. */
const ROW_ANCHOR = /<a id="property-[\w-]+"><\/a> /g;
const LINK_TO_ROW = /\[([^\]]+)\]\([\w.]*#property-[\w-]+\)/g;

/**
 * A typedoc plugin: keeps the `{ErrorClass}` of `@throws {ErrorClass} when …`, which themes for markdown leave out, and
 * leaves out anchors that nobody links to.
 */
export function load(app: Application): void {
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }: Context) => {
    for (const reflection of Object.values(project.reflections)) {
      if (reflection.comment !== undefined) keepThrownTypes(reflection.comment);
    }
  });
  app.renderer.on(PageEvent.END, (page: PageEvent) => {
    page.contents = (page.contents ?? '').replace(ROW_ANCHOR, '').replace(LINK_TO_ROW, '$1');
  });
}

function keepThrownTypes(comment: Comment): void {
  for (const tag of comment.blockTags) {
    const type = tag.typeAnnotation?.replace(/^\{|\}$/g, '');
    if (tag.tag !== '@throws' || type === undefined) continue;
    tag.content = [{ kind: 'code', text: `\`${type}\`` }, { kind: 'text', text: ' ' }, ...tag.content];
  }
}
