import { basename, join, relative } from "node:path"
import { type Node, SyntaxKind } from "typescript/unstable/ast"
import {
  type Checker,
  type NodeHandle,
  type Project,
  SignatureKind,
  type Symbol,
  SymbolFlags,
  type Type,
} from "typescript/unstable/sync"
import type { Field, PublicName } from "./PublicName.ts"
import { brandless, isNumeric, namedSchema } from "./TypeText.ts"

const ROOT = join(import.meta.dirname, "../..")
/** Shapes without a name are followed so far. */
const DEEPEST = 4
/** Types longer than so many characters are shown as the source has them. */
const LONG = 90
/** `NoTruncation | UseAliasDefinedOutsideCurrentScope` of the compiler's NodeBuilderFlags. */
const WRITTEN = 1 | 16_384
/** `InTypeAlias`: an alias is written as what it stands for. */
const IN_ALIAS = 8_388_608

/** Reads what the modules of one package export, as the compiler sees it. */
export class NameReader {
  private readonly project: Project
  private readonly checker: Checker
  private readonly folder: string

  constructor(project: Project, folder: string) {
    this.project = project
    this.checker = project.checker
    this.folder = folder
  }

  namesOf(file: string): ReadonlyArray<PublicName> {
    const source = this.project.program.getSourceFile(file)
    const module = source && this.checker.getSymbolAtLocation(source)
    if (module === undefined) throw new Error(`${file} exports nothing.`)
    return this.checker
      .getExportsOfModule(module)
      .map((each) =>
        this.nameOf(each.name, each.flags & SymbolFlags.Alias ? this.checker.getAliasedSymbol(each) : each),
      )
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  }

  private nameOf(name: string, symbol: Symbol): PublicName {
    const node = this.declarationOf(symbol)
    const text = node.getSourceFile().text
    const value = symbol.flags & SymbolFlags.Value ? this.checker.getTypeOfSymbol(symbol) : undefined
    const signature =
      symbol.flags & SymbolFlags.Class || value === undefined
        ? undefined
        : this.checker.getSignaturesOfType(value, SignatureKind.Call)[0]
    const declared =
      symbol.flags & (SymbolFlags.Class | SymbolFlags.Interface | SymbolFlags.TypeAlias)
        ? this.checker.getDeclaredTypeOfSymbol(symbol)
        : undefined
    const fields = this.declaresFields(node) && declared !== undefined ? this.fieldsOf(declared, node) : []
    const returned = signature && this.checker.getReturnTypeOfSignature(signature)
    return {
      name,
      kind: this.kindOf(symbol, signature !== undefined, declared),
      file: relative(ROOT, node.getSourceFile().fileName),
      line: text.slice(0, node.getStart()).split("\n").length,
      doc: symbol.getDocumentationComment(this.checker).trim(),
      // A shape is shown by its fields.
      declaration:
        symbol.flags & SymbolFlags.Value && fields.length > 0 ? "" : this.written(symbol, node, value, declared),
      fields,
      parameters: (signature?.getParameters() ?? []).flatMap((each) => this.parameterOf(each, node)),
      errors: this.errorsOf(returned ?? value),
    }
  }

  /** Another name of something that is named has the fields shown there. */
  private declaresFields(node: Node): boolean {
    return !/^(?:export )?type \w+(?:<.*>)? = [A-Z]\w*(?:<.*>)?$/.test(node.getText())
  }

  private kindOf(symbol: Symbol, called: boolean, declared: Type | undefined): PublicName["kind"] {
    if (symbol.flags & SymbolFlags.Class)
      return declared && this.checker.getPropertyOfType(declared, "stack") !== undefined ? "error" : "class"
    if (called) return "function"
    if (symbol.flags & SymbolFlags.Value) return declared === undefined ? "value" : "schema"
    return "type"
  }

  /** The errors of an Effect's type, by their names. */
  private errorsOf(type: Type | undefined): ReadonlyArray<string> {
    if (type === undefined || type.getSymbol()?.name !== "Effect" || !type.isTypeReference()) return []
    const error = this.checker.getTypeArguments(type)[1]
    if (error === undefined) return []
    const parts = error.isUnionType() ? (error.getTypes() ?? []) : [error]
    return parts
      .map((part) => part.getAliasSymbol()?.name ?? part.getSymbol()?.name ?? this.checker.typeToString(part))
      .filter((name) => name !== "never")
      .toSorted()
  }

  private parameterOf(symbol: Symbol, at: Node): ReadonlyArray<Field> {
    const type = this.checker.getTypeOfSymbol(symbol)
    if (type === undefined) return []
    const written = this.checker.typeToString(type, at, WRITTEN)
    // A pattern has no name: its fields are those of its type.
    if (symbol.name.startsWith("__")) return type.getAliasSymbol() || this.isNamed(type) ? [] : this.fieldsOf(type, at)
    return [
      {
        name: symbol.name,
        type: written,
        optional: false,
        numeric: isNumeric(written),
        doc: symbol.getDocumentationComment(this.checker).trim(),
      },
    ]
  }

  private fieldsOf(type: Type, at: Node, depth = 1): ReadonlyArray<Field> {
    const seen = new Set<string>()
    const parts = type.isUnionType() ? (type.getTypes() ?? []) : [type]
    return parts
      .flatMap((part) =>
        part.isObjectType() || part.isIntersectionType() ? this.checker.getPropertiesOfType(part) : [],
      )
      .filter(({ declarations, name }) => !isPrivate(name) && declarations.some((each) => this.isOurs(each)))
      .flatMap((property) =>
        seen.has(property.name) ? [] : (seen.add(property.name), this.fieldOf(property, at, depth)),
      )
  }

  private fieldOf(property: Symbol, at: Node, depth: number): ReadonlyArray<Field> {
    const type = this.checker.getTypeOfSymbol(property)
    if (type === undefined) return []
    const optional = (property.flags & SymbolFlags.Optional) !== 0
    const full = brandless(this.checker.typeToString(type, at, WRITTEN))
    const bare = optional ? full.replace(/ \| undefined$/, "").replace(/^\((.*=>.*)\)$/, "$1") : full
    const source = this.sourceOf(property)
    const field: Field = {
      name: property.name,
      type:
        namedSchema(source, bare) ??
        (bare.length > LONG && source !== "" && source.length < bare.length ? source : bare),
      optional,
      numeric: isNumeric(bare),
      doc: property.getDocumentationComment(this.checker).trim(),
    }
    if (field.numeric || depth === DEEPEST) return [field]
    const inner = this.innerOf(type)
    const below = inner === undefined ? [] : this.fieldsOf(inner, at, depth + 1)
    // A schema that has a name is shown, and checked, where it is declared.
    return [
      field,
      ...(namedSchema(source, bare) !== undefined
        ? []
        : below.map((each) => ({ ...each, name: `${property.name}.${each.name}` }))),
    ]
  }

  /** The shape without a name that a field holds: itself, in a list, or beside `undefined`. */
  private innerOf(type: Type): Type | undefined {
    if (type.isUnionType()) {
      const shapes = (type.getTypes() ?? []).filter((part) => part.isObjectType())
      return shapes.length === 1
        ? this.innerOf(shapes[0]!)
        : shapes.some((part) => this.isNamed(part))
          ? undefined
          : type
    }
    if (this.checker.isArrayType(type) && type.isTypeReference()) {
      const [of] = this.checker.getTypeArguments(type)
      return of && this.innerOf(of)
    }
    return !type.isObjectType() || this.isNamed(type) ? undefined : type
  }

  private isNamed(type: Type): boolean {
    const name = type.getSymbol()?.name
    return type.getAliasSymbol() !== undefined || (name !== undefined && !name.startsWith("__"))
  }

  /** What stands in the source where a field is declared: its type, or its schema. */
  private sourceOf({ declarations }: Symbol): string {
    const node = declarations.find((each) => this.isOurs(each))?.resolve(this.project)
    if (node === undefined) return ""
    const text = node.getText().replaceAll(/\s+/g, " ")
    return text.replace(/^(?:readonly )?\w+\??: /, "").replace(/,$/, "")
  }

  private isOurs({ path }: NodeHandle): boolean {
    return path.startsWith(join(ROOT, "packages").toLowerCase()) || path.startsWith(join(ROOT, "packages"))
      ? !path.includes("/node_modules/")
      : false
  }

  private declarationOf(symbol: Symbol): Node {
    const handle = symbol.declarations.find((each) => this.isOurs(each)) ?? symbol.declarations[0]
    const node = handle?.resolve(this.project)
    if (node === undefined)
      throw new Error(`${basename(this.folder)} exports ${symbol.name}, which is declared nowhere.`)
    return node
  }

  private written(symbol: Symbol, node: Node, value: Type | undefined, declared: Type | undefined): string {
    const { name } = symbol
    if (symbol.flags & SymbolFlags.Interface)
      return /^(?:export )?(interface [^{]+?)\s*\{/.exec(node.getText())?.[1] ?? name
    if (symbol.flags & SymbolFlags.Class) return `class ${name}`
    if (symbol.flags & SymbolFlags.Value && declared !== undefined)
      return `type ${name} = ${brandless(this.checker.typeToString(declared, node, WRITTEN | IN_ALIAS))}`
    if (node.kind === SyntaxKind.TypeAliasDeclaration) return node.getText().replace(/^export /, "")
    return `declare const ${name}: ${brandless(value === undefined ? "unknown" : this.checker.typeToString(value, node, WRITTEN))}`
  }
}

/** Fields such as #name are private, and the compiler numbers them differently in each run. */
const isPrivate = (name: string): boolean => name.startsWith("__#")
